//! stub
use vedette_model::results::Field;
use vedette_parse::classes::Classifier;
/// stub
#[derive(Clone, Copy, Debug)]
pub enum Location {
    /// q
    Query,
    /// h
    Header,
    /// c
    Cookie,
    /// f
    Form,
}
/// stub
#[derive(Clone, Debug, Default)]
pub struct ParameterSet {}
impl ParameterSet {
    /// stub
    pub fn observe(&mut self, _l: Location, _n: &str, _v: &str, _c: &Classifier, _s: (u32, u64)) {}
    /// stub
    pub fn merge(&mut self, _o: &Self) {}
    /// stub
    pub fn fields(&self, _c: &Classifier, _n: u64) -> Vec<Field> {
        Vec::new()
    }
}
