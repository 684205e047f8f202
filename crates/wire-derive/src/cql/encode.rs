//! `EncodeFields`: the fields of a struct one by one.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::dispatch::dispatch;
use super::input::Input;

/// The implementation of `EncodeFields`.
pub(super) fn fields(input: &Input) -> TokenStream {
    let (krate, ident, role) = (&input.krate, &input.ident, input.role_path());
    let (generics, types, bounds) = input.for_encoding();
    let count = input.values().count();
    let as_fields = |ty: &Type| quote!(<#ty as #krate::types::fields::EncodeFields<#role>>);
    let flattened = input.flattened().map(|(_, field)| {
        let fields = as_fields(&field.ty);
        quote!(+ #fields::COUNT)
    });
    let name = dispatch(
        input,
        as_fields,
        |_, field| {
            let name = &field.name;
            quote!(#name)
        },
        |_, _, fields| quote!(#fields::name(at)),
        &quote!(""),
    );
    let encode = dispatch(
        input,
        as_fields,
        |_, field| {
            let member = &field.member;
            quote!(#krate::types::Encode::encode(&self.#member, data_type, out))
        },
        |_, field, fields| {
            let member = &field.member;
            quote!(#fields::encode(&self.#member, at, data_type, out))
        },
        &quote!(::core::result::Result::Err(#krate::types::fields::no_such_field::<Self>(field))),
    );
    quote! {
        #[automatically_derived]
        impl #generics #krate::types::fields::EncodeFields<#role> for #ident #types #bounds {
            const COUNT: usize = #count #(#flattened)*;

            #[inline]
            fn name(field: usize) -> &'static str {
                #name
            }

            #[inline]
            fn encode(
                &self,
                field: usize,
                data_type: ::core::option::Option<&#krate::types::DataType>,
                out: #krate::types::CellWriter<'_>,
            ) -> ::core::result::Result<#krate::types::Written, #krate::Error> {
                #encode
            }
        }
    }
}
