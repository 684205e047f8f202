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
    let in_order = input.values().map(|(_, field)| {
        let member = &field.member;
        quote!(out.put(&self.#member)?;)
    });
    let structs_in_order = input.flattened().map(|(_, field)| {
        let (member, fields) = (&field.member, as_fields(&field.ty));
        quote!(#fields::encode_in_order(&self.#member, out)?;)
    });
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

            #[inline]
            #[allow(unused_variables)]
            fn encode_in_order<__V: #krate::types::fields::Values>(
                &self,
                out: &mut __V,
            ) -> ::core::result::Result<(), #krate::Error> {
                #(#in_order)*
                #(#structs_in_order)*
                ::core::result::Result::Ok(())
            }
        }
    }
}
