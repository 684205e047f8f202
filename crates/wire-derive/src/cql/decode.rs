//! `DecodeFields`: a struct from cells.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Lifetime, Result, Type};

use super::dispatch::dispatch;
use super::input::{Field, Input, Kind};

/// The implementation of `DecodeFields`, and the struct that holds the fields that have been read.
pub(super) fn fields(input: &Input) -> Result<TokenStream> {
    let lifetime = input.lifetime()?;
    let slots = slots(input, &lifetime);
    let (krate, ident, role) = (&input.krate, &input.ident, input.role_path());
    let (generics, types, bounds) = input.for_decoding(&lifetime);
    let slots_generics = input.decoding_generics(&lifetime);
    let (_, slots_types, _) = slots_generics.split_for_impl();
    let count = input.values().count();
    let flattened = input.flattened().map(|(_, field)| {
        let fields = as_fields(input, &field.ty, &lifetime);
        quote!(+ #fields::COUNT)
    });
    let (name, rust_type) = (name(input, &lifetime), rust_type(input, &lifetime));
    let accepts_and_why_not = accepts_and_why_not(input, &lifetime);
    let has_default = has_default(input, &lifetime);
    let (read, in_order, finish) = (
        read(input, &lifetime),
        read_in_order(input, &lifetime),
        finish(input, &lifetime),
    );
    Ok(quote! {
        #slots

        #[automatically_derived]
        impl #generics #krate::types::fields::DecodeFields<#lifetime, #role> for #ident #types #bounds {
            const COUNT: usize = #count #(#flattened)*;
            type Slots = __Slots #slots_types;
            #name
            #rust_type
            #accepts_and_why_not
            #has_default
            #read
            #in_order
            #finish
        }
    })
}

fn slot(number: usize) -> Ident {
    format_ident!("value_{number}")
}

fn flat_slot(number: usize) -> Ident {
    format_ident!("struct_{number}")
}

/// `<T as DecodeFields>` of a flattened struct.
fn as_fields(input: &Input, ty: &Type, lifetime: &Lifetime) -> TokenStream {
    let (krate, role) = (&input.krate, input.role_path());
    quote!(<#ty as #krate::types::fields::DecodeFields<#lifetime, #role>>)
}

/// Public in name, because a public trait names it; nobody can reach it.
fn slots(input: &Input, lifetime: &Lifetime) -> TokenStream {
    let generics = input.decoding_generics(lifetime);
    let (parameters, types, bounds) = generics.split_for_impl();
    let (declared, ident) = (&generics.params, &input.ident);
    let (_, own_types, _) = input.for_decoding(lifetime);
    let values: Vec<_> = input.values().map(|(i, _)| slot(i)).collect();
    let value_types = input.values().map(|(_, field)| &field.ty);
    let structs: Vec<_> = input.flattened().map(|(i, _)| flat_slot(i)).collect();
    let struct_types = input
        .flattened()
        .map(|(_, field)| as_fields(input, &field.ty, lifetime));
    quote! {
        pub struct __Slots<#declared> #bounds {
            #(#values: ::core::option::Option<#value_types>,)*
            #(#structs: #struct_types::Slots,)*
            of: ::core::marker::PhantomData<(&#lifetime (), fn() -> #ident #own_types)>,
        }

        #[automatically_derived]
        impl #parameters ::core::default::Default for __Slots #types #bounds {
            #[inline]
            fn default() -> Self {
                Self {
                    #(#values: ::core::option::Option::None,)*
                    #(#structs: ::core::default::Default::default(),)*
                    of: ::core::marker::PhantomData,
                }
            }
        }
    }
}

fn name(input: &Input, lifetime: &Lifetime) -> TokenStream {
    let body = dispatch(
        input,
        |ty| as_fields(input, ty, lifetime),
        |_, field| {
            let name = &field.name;
            quote!(#name)
        },
        |_, _, fields| quote!(#fields::name(at)),
        &quote!(""),
    );
    quote! {
        #[inline]
        fn name(field: usize) -> &'static str {
            #body
        }
    }
}

fn rust_type(input: &Input, lifetime: &Lifetime) -> TokenStream {
    let body = dispatch(
        input,
        |ty| as_fields(input, ty, lifetime),
        |_, field| {
            let ty = &field.ty;
            quote!(::core::any::type_name::<#ty>())
        },
        |_, _, fields| quote!(#fields::rust_type(at)),
        &quote!(""),
    );
    quote! {
        fn rust_type(field: usize) -> &'static str {
            #body
        }
    }
}

/// What the type of a field says about a type of the database: the body of `function`.
fn about_type(
    input: &Input,
    lifetime: &Lifetime,
    function: &TokenStream,
    otherwise: &TokenStream,
) -> TokenStream {
    let krate = &input.krate;
    dispatch(
        input,
        |ty| as_fields(input, ty, lifetime),
        |_, field| {
            let ty = &field.ty;
            quote!(<#ty as #krate::types::Decode<#lifetime>>::#function(data_type))
        },
        |_, _, fields| quote!(#fields::#function(at, data_type)),
        otherwise,
    )
}

fn accepts_and_why_not(input: &Input, lifetime: &Lifetime) -> TokenStream {
    let krate = &input.krate;
    let none = quote!(::core::option::Option::None);
    let accepts = about_type(input, lifetime, &quote!(accepts), &quote!(false));
    let why_not = about_type(input, lifetime, &quote!(why_not), &none);
    quote! {
        fn accepts(field: usize, data_type: &#krate::types::DataType) -> bool {
            #accepts
        }

        fn why_not(
            field: usize,
            data_type: &#krate::types::DataType,
        ) -> ::core::option::Option<::std::string::String> {
            #why_not
        }
    }
}

fn has_default(input: &Input, lifetime: &Lifetime) -> TokenStream {
    let body = dispatch(
        input,
        |ty| as_fields(input, ty, lifetime),
        |_, field| {
            let has_default = field.has_default;
            quote!(#has_default)
        },
        |_, _, fields| quote!(#fields::has_default(at)),
        &quote!(false),
    );
    quote! {
        fn has_default(field: usize) -> bool {
            #body
        }
    }
}

/// The next cell as the type of a field.
fn next(field: &Field) -> TokenStream {
    let ty = &field.ty;
    if field.has_default {
        quote!(cells.value::<::core::option::Option<#ty>>()?.unwrap_or_default())
    } else {
        quote!(cells.value::<#ty>()?)
    }
}

fn read(input: &Input, lifetime: &Lifetime) -> TokenStream {
    let krate = &input.krate;
    let body = dispatch(
        input,
        |ty| as_fields(input, ty, lifetime),
        |i, field| {
            let (slot, next) = (slot(i), next(field));
            quote! {{
                slots.#slot = ::core::option::Option::Some(#next);
                ::core::result::Result::Ok(())
            }}
        },
        |i, _, fields| {
            let slot = flat_slot(i);
            quote!(#fields::read(at, &mut slots.#slot, cells))
        },
        &quote!(::core::result::Result::Err(#krate::types::fields::no_such_field::<Self>(field))),
    );
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn read<__C: #krate::types::fields::Cells<#lifetime>>(
            field: usize,
            slots: &mut Self::Slots,
            cells: &mut __C,
        ) -> ::core::result::Result<(), #krate::Error> {
            #body
        }
    }
}

fn read_in_order(input: &Input, lifetime: &Lifetime) -> TokenStream {
    let krate = &input.krate;
    let values = input.values().map(|(i, field)| {
        let (slot, next) = (slot(i), next(field));
        quote!(let #slot = #next;)
    });
    let structs = input.flattened().map(|(i, field)| {
        let (slot, fields) = (flat_slot(i), as_fields(input, &field.ty, lifetime));
        quote!(let #slot = #fields::read_in_order(cells)?;)
    });
    let built = build(input, |kind, i, _| match kind {
        Kind::Value => {
            let slot = slot(i);
            quote!(#slot)
        }
        Kind::Flattened => {
            let slot = flat_slot(i);
            quote!(#slot)
        }
        Kind::Skipped => quote!(::core::default::Default::default()),
    });
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn read_in_order<__C: #krate::types::fields::Cells<#lifetime>>(
            cells: &mut __C,
        ) -> ::core::result::Result<Self, #krate::Error> {
            #(#values)*
            #(#structs)*
            ::core::result::Result::Ok(#built)
        }
    }
}

fn finish(input: &Input, lifetime: &Lifetime) -> TokenStream {
    let krate = &input.krate;
    let built = build(input, |kind, i, field| match kind {
        Kind::Value if field.has_default => {
            let slot = slot(i);
            quote!(slots.#slot.unwrap_or_default())
        }
        Kind::Value => {
            let (slot, name) = (slot(i), &field.name);
            quote! {
                match slots.#slot {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(#krate::types::fields::missing::<Self>(#name));
                    }
                }
            }
        }
        Kind::Flattened => {
            let (slot, fields) = (flat_slot(i), as_fields(input, &field.ty, lifetime));
            quote!(#fields::finish(slots.#slot)?)
        }
        Kind::Skipped => quote!(::core::default::Default::default()),
    });
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn finish(slots: Self::Slots) -> ::core::result::Result<Self, #krate::Error> {
            ::core::result::Result::Ok(#built)
        }
    }
}

/// The struct, each field by `value` of its kind and number within that.
fn build(input: &Input, value: impl Fn(Kind, usize, &Field) -> TokenStream) -> TokenStream {
    let (mut values, mut structs) = (0..input.fields.len(), 0..input.fields.len());
    let fields = input.fields.iter().map(|field| {
        let number = match field.kind {
            Kind::Value => values.next(),
            Kind::Flattened => structs.next(),
            Kind::Skipped => None,
        };
        let member = &field.member;
        let value = value(field.kind, number.unwrap_or_default(), field);
        quote!(#member: #value)
    });
    quote!(Self { #(#fields,)* })
}
