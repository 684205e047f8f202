//! The struct and its attributes.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Error, Fields, GenericParam, Generics, Ident, Index, Lifetime,
    LifetimeParam, LitStr, Member, Path, Result, Type, TypeGenerics, WhereClause, WherePredicate,
    parse_quote,
};

/// What the fields stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Columns or markers.
    Row,
    /// Fields of a user-defined type.
    Udt,
}

/// A struct that something is derived for.
pub(super) struct Input {
    pub(super) ident: Ident,
    generics: Generics,
    pub(super) krate: Path,
    pub(super) by_position: bool,
    is_strict: bool,
    role: Role,
    pub(super) fields: Vec<Field>,
}

/// A field of it.
pub(super) struct Field {
    pub(super) member: Member,
    pub(super) ty: Type,
    /// What it is called in the database.
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) has_default: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value.
    Value,
    /// Not in the database.
    Skipped,
    /// A struct whose fields are in the same row.
    Flattened,
}

impl Input {
    pub(super) fn parse(input: &DeriveInput, role: Role) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            let text = "only a struct can be derived for: its fields are columns, markers or fields of a type";
            return Err(Error::new(input.ident.span(), text));
        };
        let is_tuple = matches!(data.fields, Fields::Unnamed(_));
        let mut parsed = Self {
            ident: input.ident.clone(),
            generics: input.generics.clone(),
            krate: parse_quote!(::cql_v4),
            by_position: is_tuple,
            is_strict: false,
            role,
            fields: Vec::new(),
        };
        parsed.read_attributes(&input.attrs)?;
        if role == Role::Udt && is_tuple {
            let text = "fields of a user-defined type have names; name those of the struct";
            return Err(Error::new(input.ident.span(), text));
        }
        let mut names = HashSet::new();
        for (i, written) in data.fields.iter().enumerate() {
            let field = parsed.field(i, written)?;
            if field.kind == Kind::Value && !parsed.by_position && !names.insert(field.name.clone())
            {
                let text = format!("there is another field with the name `{}`", field.name);
                return Err(Error::new_spanned(written, text));
            }
            if field.kind == Kind::Value && parsed.by_position && parsed.flattened().count() > 0 {
                let text = "by position, the columns of a flattened struct come behind all others; put this field \
                            before those with `flatten`";
                return Err(Error::new_spanned(written, text));
            }
            parsed.fields.push(field);
        }
        Ok(parsed)
    }

    fn read_attributes(&mut self, attributes: &[Attribute]) -> Result<()> {
        for attribute in attributes.iter().filter(|a| a.path().is_ident("cql")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("crate") {
                    self.krate = meta.value()?.parse()?;
                } else if meta.path.is_ident("strict") {
                    self.is_strict = true;
                } else if meta.path.is_ident("by_position") && self.role == Role::Row {
                    self.by_position = true;
                } else if self.role == Role::Row {
                    return Err(meta.error("a struct may have `by_position`, `strict` and `crate`"));
                } else {
                    return Err(meta.error("a user-defined type may have `strict` and `crate`"));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn field(&self, index: usize, field: &syn::Field) -> Result<Field> {
        let (member, name) = match &field.ident {
            Some(ident) => (Member::Named(ident.clone()), ident.unraw().to_string()),
            None => (Member::Unnamed(Index::from(index)), index.to_string()),
        };
        let mut parsed = Field {
            member,
            ty: field.ty.clone(),
            name,
            kind: Kind::Value,
            has_default: false,
        };
        let (mut is_renamed, mut kinds) = (false, 0);
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("cql")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    let name = meta.value()?.parse::<LitStr>()?;
                    parsed.name = name.value();
                    if is_renamed || parsed.name.is_empty() {
                        let text = "a field has one name, which is not empty";
                        return Err(Error::new(name.span(), text));
                    }
                    is_renamed = true;
                } else if meta.path.is_ident("default") {
                    parsed.has_default = true;
                } else if meta.path.is_ident("skip") {
                    parsed.kind = Kind::Skipped;
                    kinds += 1;
                } else if meta.path.is_ident("flatten") && self.role == Role::Row {
                    parsed.kind = Kind::Flattened;
                    kinds += 1;
                } else if self.role == Role::Row {
                    return Err(
                        meta.error("a field may have `rename`, `default`, `skip` and `flatten`")
                    );
                } else {
                    return Err(meta.error(
                        "a field of a user-defined type may have `rename`, `default` and `skip`",
                    ));
                }
                Ok(())
            })?;
        }
        if kinds > 1 || (kinds > 0 && (is_renamed || parsed.has_default)) {
            let text = "`skip` and `flatten` exclude each other, `rename` and `default`";
            return Err(Error::new_spanned(field, text));
        }
        Ok(parsed)
    }

    /// The fields that are values, with their numbers.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, &Field)> {
        let values = self.fields.iter().filter(|f| f.kind == Kind::Value);
        values.enumerate()
    }

    /// The flattened structs. Their fields are numbered behind the values.
    pub(super) fn flattened(&self) -> impl Iterator<Item = (usize, &Field)> {
        let flattened = self.fields.iter().filter(|f| f.kind == Kind::Flattened);
        flattened.enumerate()
    }

    pub(super) fn role_path(&self) -> TokenStream {
        let krate = &self.krate;
        match self.role {
            Role::Row => quote!(#krate::types::fields::AsRow),
            Role::Udt => quote!(#krate::types::fields::AsUdt),
        }
    }

    /// The function that compares columns with the fields.
    pub(super) fn check(&self) -> TokenStream {
        if self.by_position {
            quote!(check_positions)
        } else {
            quote!(check_names)
        }
    }

    /// Whether what has no field is an error.
    pub(super) fn extra(&self) -> TokenStream {
        let krate = &self.krate;
        if self.is_strict {
            quote!(#krate::types::fields::Extra::Refused)
        } else {
            quote!(#krate::types::fields::Extra::Allowed)
        }
    }

    /// The lifetime of what is read: the struct's own, if it borrows.
    pub(super) fn lifetime(&self) -> Result<Lifetime> {
        let mut lifetimes = self.generics.lifetimes();
        let own = lifetimes.next();
        if let Some(second) = lifetimes.next() {
            let text = "a struct can borrow from one page, so it may have one lifetime";
            return Err(Error::new(second.span(), text));
        }
        Ok(match own {
            Some(own) => own.lifetime.clone(),
            None => Lifetime::new("'__page", Span::call_site()),
        })
    }

    /// Generics of the struct with the lifetime of what is read.
    pub(super) fn decoding_generics(&self, lifetime: &Lifetime) -> Generics {
        let krate = &self.krate;
        let role = self.role_path();
        let mut generics = self.generics.clone();
        if generics.lifetimes().next().is_none() {
            let parameter = GenericParam::Lifetime(LifetimeParam::new(lifetime.clone()));
            generics.params.insert(0, parameter);
        }
        self.bound(&mut generics, |field| {
            let ty = &field.ty;
            match field.kind {
                Kind::Value if field.has_default => Some(
                    parse_quote!(#ty: #krate::types::Decode<#lifetime> + ::core::default::Default),
                ),
                Kind::Value => Some(parse_quote!(#ty: #krate::types::Decode<#lifetime>)),
                Kind::Skipped => Some(parse_quote!(#ty: ::core::default::Default)),
                Kind::Flattened => {
                    Some(parse_quote!(#ty: #krate::types::fields::DecodeFields<#lifetime, #role>))
                }
            }
        });
        generics
    }

    pub(super) fn for_decoding(
        &self,
        lifetime: &Lifetime,
    ) -> (TokenStream, TypeGenerics<'_>, Option<WhereClause>) {
        let generics = self.decoding_generics(lifetime);
        let (parameters, _, bounds) = generics.split_for_impl();
        let (_, types, _) = self.generics.split_for_impl();
        (parameters.to_token_stream(), types, bounds.cloned())
    }

    pub(super) fn for_encoding(&self) -> (TokenStream, TypeGenerics<'_>, Option<WhereClause>) {
        let krate = &self.krate;
        let role = self.role_path();
        let mut generics = self.generics.clone();
        self.bound(&mut generics, |field| {
            let ty = &field.ty;
            match field.kind {
                Kind::Value => Some(parse_quote!(#ty: #krate::types::Encode)),
                Kind::Skipped => None,
                Kind::Flattened => {
                    Some(parse_quote!(#ty: #krate::types::fields::EncodeFields<#role>))
                }
            }
        });
        let (parameters, _, bounds) = generics.split_for_impl();
        let (_, types, _) = self.generics.split_for_impl();
        (parameters.to_token_stream(), types, bounds.cloned())
    }

    /// Adds what the fields need, if that depends on parameters; otherwise the compiler says it better at the field.
    fn bound(&self, generics: &mut Generics, of: impl Fn(&Field) -> Option<WherePredicate>) {
        if self.generics.type_params().next().is_none() {
            return;
        }
        let bounds: Punctuated<WherePredicate, syn::Token![,]> =
            self.fields.iter().filter_map(of).collect();
        generics.make_where_clause().predicates.extend(bounds);
    }
}
