//! What of a struct is stored, and the codes of enumerations, in one line each.

/// Stores the fields of a struct in the order given: `stored!(Type { field, hash as Bits; stamp = 0 })`. `as` names
/// another [`Codec`](crate::stored::Codec) than the type's own; what stands behind `;` is not stored and is made anew.
/// `=> check` looks at what was read and may refuse it. A field that is missing does not compile.
#[doc(hidden)]
#[macro_export]
macro_rules! stored {
    (@store $value:expr, $out:ident) => { $crate::stored::Stored::store($value, $out) };
    (@store $value:expr, $out:ident, $codec:ty) => { <$codec as $crate::stored::Codec<_>>::store($value, $out) };
    (@load $from:ident) => { $crate::stored::Stored::load($from) };
    (@load $from:ident, $codec:ty) => { <$codec as $crate::stored::Codec<_>>::load($from) };
    ($type:ty { $($field:ident $(as $codec:ty)?),* $(,)? $(; $($fresh:ident = $value:expr),* $(,)?)? } $(=> $check:path)?) => {
        impl $crate::stored::Stored for $type {
            fn store(&self, out: &mut Vec<u8>) {
                $($crate::stored!(@store &self.$field, out $(, $codec)?);)*
            }

            fn load(from: &mut $crate::stored::Reader<'_>) -> Result<Self, $crate::stored::Damaged> {
                $(let $field = $crate::stored!(@load from $(, $codec)?)?;)*
                let read = Self { $($field,)* $($($fresh: $value,)*)? };
                $(let read = $check(read)?;)?
                Ok(read)
            }
        }
    };
}

/// Gives the variants of an enumeration without fields their codes, once and for all: a code is never given to another
/// variant, and a variant that is gone keeps its own.
#[doc(hidden)]
#[macro_export]
macro_rules! stored_codes {
    ($type:ty { $($variant:ident = $code:literal),* $(,)? }) => {
        impl $crate::stored::Stored for $type {
            fn store(&self, out: &mut Vec<u8>) {
                out.push(match self {
                    $(Self::$variant => $code,)*
                });
            }

            fn load(from: &mut $crate::stored::Reader<'_>) -> Result<Self, $crate::stored::Damaged> {
                match from.byte()? {
                    $($code => Ok(Self::$variant),)*
                    _ => Err($crate::stored::Damaged::Impossible("code")),
                }
            }
        }
    };
}
