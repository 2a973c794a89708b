//! Descriptor sets (`protoc --descriptor_set_out --include_imports`, `buf build -o`): names for the fields of messages.

use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor, SerializeOptions};
use vedette_model::Side;

/// The services that some descriptor files declare.
#[derive(Clone, Debug, Default)]
pub struct Descriptors(DescriptorPool);

impl Descriptors {
    /// Adds the content of a descriptor set file.
    ///
    /// # Errors
    /// In words, when the bytes are no descriptor set or refer to files that are not in it.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.0.decode_file_descriptor_set(bytes).map_err(|error| error.to_string())
    }

    /// Services declared.
    pub fn services(&self) -> usize {
        self.0.services().len()
    }

    /// The method of a path (`/shop.v1.Orders/GetOrder`, behind any prefix).
    pub(super) fn method(&self, path: &str) -> Option<MethodDescriptor> {
        let mut parts = path.rsplitn(3, '/');
        let (method, service) = (parts.next()?, parts.next()?);
        self.0.get_service_by_name(service)?.methods().find(|one| one.name() == method)
    }
}

/// A message as JSON by field name; `None` when it is not of this type.
pub(super) fn json(method: &MethodDescriptor, side: Side, bytes: &[u8]) -> Option<Vec<u8>> {
    let of: MessageDescriptor = match side {
        Side::Request => method.input(),
        Side::Response => method.output(),
    };
    let message = DynamicMessage::decode(of, bytes).ok()?;
    let options = SerializeOptions::new().stringify_64_bit_integers(false).use_proto_field_name(true);
    let mut out = Vec::with_capacity(bytes.len() * 2);
    message.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options).ok()?;
    Some(out)
}
