//! Which format each log file was taken for, and how much of it could be read.

use anyhow::Result;

use super::Shared;
use crate::product::Product;
use crate::table::{Table, percent};

pub(super) fn measure(product: &Product, shared: &Shared) -> Result<Vec<Table>> {
    let mut table = Table::new(
        "Formats told apart",
        "Files given to `analyze` without saying what they are. A file that holds no exchanges should be refused with a \
         reason, not guessed at.",
        &["file", "format", "why", "records", "exchanges", "unreadable"],
    );
    let mut files = super::files(&shared.data.join("logs"), "log")?;
    files.extend(["monitoring-v1.har.ndjson.gz", "shop.har"].map(|name| shared.data.join("traffic").join(name)));
    for file in files {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let results = match product.analyze(&file, &format!("format-{name}")) {
            Ok((results, _)) => results,
            Err(error) => {
                let said = format!("{error:#}");
                let said =
                    said.lines().find_map(|line| line.split_once("error: ")).map_or("", |(_, said)| said).to_owned();
                table.row([name, "refused".to_owned(), said, String::new(), String::new(), String::new()]);
                continue;
            }
        };
        for source in &results.sources {
            let unreadable = percent(source.unreadable as usize, source.records as usize);
            let unreadable = format!("{} ({unreadable})", source.unreadable);
            let (records, exchanges) = (source.records.to_string(), source.exchanges.to_string());
            table.row([
                name.clone(),
                source.format.clone(),
                source.format_reason.clone(),
                records,
                exchanges,
                unreadable,
            ]);
        }
    }
    Ok(vec![table])
}
