//! What specifications cost: reading a large one, and comparing every exchange with one.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::run::{Run, median_secs, on_cores};
use super::speed::analyze;
use super::{Size, at_least, at_most, traffic};
use crate::ci::output;
use crate::product::Product;
use crate::table::Table;

/// Bytes of the large specification: as much as the largest public ones have.
const LARGE_BYTES: usize = 40_000_000;

/// Seconds in which it must be there, and the aim.
const LARGE_SECS: (f64, f64) = (5.0, 1.0);

/// Share of the throughput of `analyze` that comparing must leave, and the aim.
const LEFT: (f64, f64) = (0.7, 0.85);

/// A specification of 40 MB, and the throughput with one against without.
pub(super) fn specs(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let large = traffic::made(product, "large-openapi.yaml", |_, path| write_large(path))?;
    let few = traffic::bodies(product, 10)?;
    let mut load = product.vedette();
    load.args(["openapi", "check"]).arg(few).arg("--spec").arg(large);
    let loads: Vec<Run> = (0..size.runs).map(|_| on_cores("0", &load, None)).collect::<Result<_>>()?;
    at_most(
        table,
        "specification of 40 MB (YAML), loaded, one core",
        median_secs(&loads),
        "s",
        LARGE_SECS.0,
        LARGE_SECS.1,
    );

    let har = traffic::bodies(product, size.exchanges)?;
    let folder = product.scratch.join("bodies-openapi");
    let _ = std::fs::remove_dir_all(&folder);
    output(product.vedette().args(["openapi", "export"]).arg(&har).arg("--out").arg(&folder))?;
    let without = analyze(product, &har);
    let mut with = analyze(product, &har);
    with.arg("--spec").arg(&folder);
    let (mut plain, mut compared) = (Vec::new(), Vec::new());
    for _ in 0..size.runs {
        plain.push(on_cores("0", &without, None)?);
        compared.push(on_cores("0", &with, None)?);
    }
    let left = median_secs(&plain) / median_secs(&compared);
    at_least(table, "throughput left when compared with a specification", left, "×", LEFT.0, LEFT.1);
    prove(&with)
}

/// A comparison that compared nothing would be fast.
fn prove(with: &Command) -> Result<()> {
    let mut command = Command::new(with.get_program());
    let results: vedette_model::results::Results = serde_json::from_slice(&output(command.args(with.get_args()))?)?;
    let checked: u64 = results.endpoints.iter().filter_map(|one| Some(one.operation.as_ref()?.checked)).sum();
    anyhow::ensure!(checked > 0, "no exchange was compared with the exported specification");
    Ok(())
}

/// Twenty-odd thousand paths with a schema each, written the way people write them.
fn write_large(path: &PathBuf) -> Result<()> {
    let mut paths = String::new();
    let mut schemas = String::new();
    let mut number = 0;
    while paths.len() + schemas.len() < LARGE_BYTES {
        paths.push_str(&PATH.replace("{N}", &number.to_string()));
        schemas.push_str(&SCHEMA.replace("{N}", &number.to_string()));
        number += 1;
    }
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    write!(
        out,
        "openapi: 3.1.0\ninfo: {{title: Large, version: '1'}}\npaths:\n{paths}components:\n  schemas:\n{schemas}"
    )?;
    out.flush().context("writing")
}

const PATH: &str = "  /things{N}/{thingId}/parts:
    get:
      operationId: listParts{N}
      summary: Lists the parts of a thing, with everything that a caller may want to know of them, page by page
      parameters:
        - name: thingId
          in: path
          required: true
          schema: {type: string, format: uuid}
        - name: limit
          in: query
          schema:
            type: integer
            minimum: 1
            maximum: 100
      responses:
        '200':
          description: The parts
          content:
            application/json:
              schema:
                type: array
                items: {$ref: '#/components/schemas/Part{N}'}
        '404': {description: No such thing}
    post:
      operationId: addPart{N}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Part{N}'}
      responses:
        '201': {description: Made}
";

const SCHEMA: &str = "    Part{N}:
      type: object
      description: A part, as it was delivered and built in; prices are in cents, dates in UTC
      required: [name, price]
      properties:
        id: {type: string, format: uuid}
        name: {type: string, maxLength: 200}
        price: {type: integer, minimum: 0}
        delivered: {type: string, format: date-time}
        state: {type: string, enum: [new, used, broken]}
        size:
          type: object
          properties:
            width: {type: number}
            height: {type: number}
";
