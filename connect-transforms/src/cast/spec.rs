//! What is cast to what.

use connect_api::{Error, Result, Type};

use crate::field_path::{FieldPath, FieldSyntax};
use crate::options::pair;
use crate::path_tree::PathTree;

const TYPES: [Type; 8] =
    [Type::Int8, Type::Int16, Type::Int32, Type::Int64, Type::Float32, Type::Float64, Type::Boolean, Type::String];

#[derive(Debug)]
pub(super) enum Spec {
    Whole(Type),
    Fields(PathTree<Type>),
}

impl Spec {
    pub(super) fn parse(items: &[String], syntax: FieldSyntax) -> Result<Self> {
        match items {
            [] => Err(Error::config(format!("spec: no cast is named; {}", expected()))),
            [item] if !item.contains(':') => parse_type(item).map(Self::Whole),
            _ => {
                let fields = items.iter().map(|item| field(item, syntax)).collect::<Result<Vec<_>>>()?;
                PathTree::of(fields).map(Self::Fields).map_err(|error| error.context("spec"))
            }
        }
    }
}

fn field(item: &str, syntax: FieldSyntax) -> Result<(FieldPath, Type)> {
    let Some((name, ty)) = pair(item) else {
        let why = if item.contains(':') { "is no field:type" } else { "casts everything, and must then stand alone" };
        return Err(Error::config(format!("spec: {item:?} {why}; {}", expected())));
    };
    let path = FieldPath::parse(name.trim(), syntax).map_err(|error| error.context("spec"))?;
    Ok((path, parse_type(ty)?))
}

fn parse_type(text: &str) -> Result<Type> {
    let text = text.trim();
    let found = TYPES.into_iter().find(|ty| text.eq_ignore_ascii_case(ty.name()));
    found.ok_or_else(|| Error::config(format!("spec: no cast to {text:?}; {}", expected())))
}

fn expected() -> String {
    let types: Vec<_> = TYPES.iter().map(|ty| ty.name()).collect();
    format!("expected field:type pairs or one type; types: {}", types.join(", "))
}
