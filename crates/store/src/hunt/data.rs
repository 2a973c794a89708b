//! The tables that one hunt sees, made when the SQL names them.

use std::collections::HashMap;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::view::ViewTable;
use datafusion::catalog::{MemTable, SchemaProvider, TableProvider};
use datafusion::datasource::provider_as_source;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{LogicalPlanBuilder, TableType, col, lit};
use futures::future::BoxFuture;
use vedette_model::results::Results;

use crate::tables::{EXCHANGES, Rows, TABLES, Table, edges_of};

/// Rows that are fetched when a hunt needs them, in the columns of their table.
pub type Loader = Arc<dyn Fn() -> BoxFuture<'static, Result<RecordBatch, Box<dyn Error + Send + Sync>>> + Send + Sync>;

/// Where the rows of a hunt come from. Cheap to clone and to make: nothing is read before a hunt names it.
#[derive(Clone, Default)]
pub struct Tables {
    exchanges: Option<Arc<dyn TableProvider>>,
    results: Option<Arc<Results>>,
    loaders: HashMap<String, Loader>,
    services: Option<Arc<[String]>>,
}

impl Tables {
    /// Tables without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// The lake, with the columns of [`crate::schema::queried`].
    #[must_use]
    pub fn with_exchanges(mut self, exchanges: Arc<dyn TableProvider>) -> Self {
        self.exchanges = Some(exchanges);
        self
    }

    /// What was learned: inventory, findings, detections, actors.
    #[must_use]
    pub fn with_results(mut self, results: Arc<Results>) -> Self {
        self.results = Some(results);
        self
    }

    /// Rows of one table from elsewhere (`audit`, `changes`).
    #[must_use]
    pub fn with_rows(mut self, table: &str, loader: Loader) -> Self {
        self.loaders.insert(table.to_owned(), loader);
        self
    }

    /// Rows of one table as they are.
    #[must_use]
    pub fn with_batch(self, table: &str, batch: RecordBatch) -> Self {
        self.with_rows(
            table,
            Arc::new(move || {
                let batch = batch.clone();
                Box::pin(async move { Ok(batch) })
            }),
        )
    }

    /// Shows rows of these services only. Tables that know no service are empty then: what cannot be told apart is not
    /// shown.
    #[must_use]
    pub fn only_services(mut self, services: &[String]) -> Self {
        self.services = Some(services.into());
        self
    }

    async fn provider(&self, table: &'static Table) -> Result<Arc<dyn TableProvider>> {
        if let Some(loader) = self.loaders.get(table.name) {
            let batch = loader().await.map_err(DataFusionError::External)?;
            let provider = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
            return self.restricted(table, Arc::new(provider));
        }
        match table.rows {
            Rows::Lake => self.lake(table),
            Rows::Exchanges => edges_of(self.exchanges().await?),
            Rows::Learned(_) => match &self.results {
                Some(results) => {
                    let batch = table.learned(results, self.services.as_deref())?;
                    Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
                }
                None => empty(table),
            },
            Rows::Given => empty(table),
        }
    }

    /// The exchanges that may be seen, wherever they come from.
    fn exchanges(&self) -> BoxFuture<'_, Result<Arc<dyn TableProvider>>> {
        Box::pin(self.provider(&EXCHANGES))
    }

    fn lake(&self, table: &'static Table) -> Result<Arc<dyn TableProvider>> {
        match &self.exchanges {
            Some(exchanges) => self.restricted(table, Arc::clone(exchanges)),
            None => empty(table),
        }
    }

    /// A provider without the rows of other services.
    fn restricted(&self, table: &Table, provider: Arc<dyn TableProvider>) -> Result<Arc<dyn TableProvider>> {
        let Some(services) = &self.services else { return Ok(provider) };
        let Some(column) = table.service_column() else { return empty(table) };
        let services = services.iter().map(|service| lit(service.as_str())).collect();
        let plan = LogicalPlanBuilder::scan(table.name, provider_as_source(provider), None)?
            .filter(col(column).in_list(services, false))?
            .build()?;
        Ok(Arc::new(ViewTable::new(plan, None)))
    }
}

fn empty(table: &Table) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(MemTable::try_new(table.schema(), vec![Vec::new()])?))
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tables").field("services", &self.services).finish_non_exhaustive()
    }
}

/// What `SchemaProvider` wants of an asynchronous method.
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        TABLES.iter().map(|table| table.name.to_owned()).collect()
    }

    fn table<'s, 'n, 'a>(&'s self, name: &'n str) -> Answer<'a, Option<Arc<dyn TableProvider>>>
    where
        's: 'a,
        'n: 'a,
        Self: 'a,
    {
        Box::pin(async move {
            match Table::named(name) {
                Some(table) => self.provider(table).await.map(Some),
                None => Ok(None),
            }
        })
    }

    fn table_type<'s, 'n, 'a>(&'s self, name: &'n str) -> Answer<'a, Option<TableType>>
    where
        's: 'a,
        'n: 'a,
        Self: 'a,
    {
        let known = Table::named(name).map(|_| TableType::Base);
        Box::pin(async move { Ok(known) })
    }

    fn table_exist(&self, name: &str) -> bool {
        Table::named(name).is_some()
    }
}
