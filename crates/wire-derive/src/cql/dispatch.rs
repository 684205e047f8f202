//! From the number of a field to the field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::input::{Field, Input};

/// The body of a function of `field`, a number: a `match` over the values, then the flattened structs one after the
/// other with their own numbers as `at`, then what else there is.
///
/// `as_fields` is a flattened struct as the trait that the function is of; the closures get the number of the value or
/// struct among its kind.
pub(super) fn dispatch(
    input: &Input,
    as_fields: impl Fn(&Type) -> TokenStream,
    value: impl Fn(usize, &Field) -> TokenStream,
    flattened: impl Fn(usize, &Field, &TokenStream) -> TokenStream,
    otherwise: &TokenStream,
) -> TokenStream {
    let numbers = input.values().map(|(i, _)| i);
    let values = input.values().map(|(i, field)| value(i, field));
    let count = input.values().count();
    let structs = input.flattened().map(|(i, field)| {
        let fields = as_fields(&field.ty);
        let body = flattened(i, field, &fields);
        quote! {
            if at < #fields::COUNT {
                return #body;
            }
            let at = at.wrapping_sub(#fields::COUNT);
        }
    });
    quote! {
        match field {
            #(#numbers => #values,)*
            _ => {
                let at = field.wrapping_sub(#count);
                #(#structs)*
                let _ = at;
                #otherwise
            }
        }
    }
}
