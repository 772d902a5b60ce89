//! Types of values, as OPA infers them.

use std::collections::BTreeMap;

/// Larger types are taken for anything: what contains itself twice grows without end.
const LARGEST: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    Any,
    Null,
    Bool,
    Number,
    String,
    /// The items that are known one by one, and all others.
    Array(Vec<Type>, Option<Box<Type>>),
    /// The fields that are known by their keys' JSON, and the keys and values of all others.
    Object(BTreeMap<String, Type>, Option<Box<(Type, Type)>>),
    Set(Box<Type>),
    /// One of some, in order.
    Union(Vec<Type>),
}

use Type::{Any, Array, Bool, Null, Number, Object, Set, String as Text, Union};

impl Type {
    pub fn array(items: Vec<Type>, others: Option<Type>) -> Self {
        Array(items, others.map(Box::new)).bounded()
    }

    pub fn object(fields: BTreeMap<String, Type>, others: Option<(Type, Type)>) -> Self {
        Object(fields, others.map(Box::new)).bounded()
    }

    pub fn set(items: Type) -> Self {
        Set(Box::new(items)).bounded()
    }

    fn bounded(self) -> Self {
        if self.size() > LARGEST {
            Any
        } else {
            self
        }
    }

    fn size(&self) -> usize {
        1 + match self {
            Array(items, others) => {
                items.iter().map(Self::size).sum::<usize>() + others.as_ref().map_or(0, |others| others.size())
            }
            Object(fields, others) => {
                let others = others.as_ref().map_or(0, |others| others.0.size() + others.1.size());
                fields.values().map(Self::size).sum::<usize>() + others
            }
            Set(items) => items.size(),
            Union(options) => options.iter().map(Self::size).sum(),
            _ => 0,
        }
    }

    /// This or the other.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Any, _) | (_, Any) => Any,
            (one, other) => {
                let mut options = vec![];
                for part in [one, other] {
                    match part {
                        Union(more) => options.extend(more),
                        single => options.push(single),
                    }
                }
                options.sort();
                options.dedup();
                if options.len() == 1 {
                    options.remove(0)
                } else {
                    Union(options).bounded()
                }
            }
        }
    }

    /// The type of what is behind a key that is known, if there can be any.
    pub fn select(&self, key: &Key) -> Option<Self> {
        match self {
            Any => Some(Any),
            Array(items, others) => {
                let Key::Number(text) = key else { return None };
                let index: usize = text.parse().ok()?;
                items.get(index).cloned().or_else(|| others.as_deref().cloned())
            }
            Object(fields, others) => fields.get(&key.json()).cloned().or_else(|| {
                let (keys, values) = &**others.as_ref()?;
                keys.includes(&key.kind()).then(|| values.clone())
            }),
            Set(items) => items.includes(&key.kind()).then(|| if **items == Any { Any } else { key.kind() }),
            Union(options) => options.iter().filter_map(|option| option.select(key)).reduce(Self::or),
            _ => None,
        }
    }

    fn includes(&self, other: &Self) -> bool {
        match self {
            Any => true,
            Union(options) => options.contains(other),
            single => single == other,
        }
    }

    /// The types of the keys, for what has keys.
    pub fn keys(&self) -> Option<Self> {
        match self {
            Any => Some(Any),
            Array(..) => Some(Number),
            Object(fields, others) => {
                let known = fields.keys().map(|key| Key::of_json(key).kind());
                known.chain(others.iter().map(|others| others.0.clone())).reduce(Self::or)
            }
            Set(items) => Some((**items).clone()),
            Union(options) => options.iter().filter_map(Self::keys).reduce(Self::or),
            _ => None,
        }
    }

    /// The types of the values behind the keys.
    pub fn values(&self) -> Option<Self> {
        match self {
            Any => Some(Any),
            Array(items, others) => items.iter().cloned().chain(others.as_deref().cloned()).reduce(Self::or),
            Object(fields, others) => {
                fields.values().cloned().chain(others.iter().map(|others| others.1.clone())).reduce(Self::or)
            }
            Set(items) => Some((**items).clone()),
            Union(options) => options.iter().filter_map(Self::values).reduce(Self::or),
            _ => None,
        }
    }

    /// Whether a value can be of both.
    pub fn unifies(&self, other: &Self) -> bool {
        match (self, other) {
            (Any, _) | (_, Any) => true,
            (Union(options), other) | (other, Union(options)) => options.iter().any(|option| option.unifies(other)),
            (Array(_, one), Array(_, two)) => {
                self.has_items_of(other)
                    && other.has_items_of(self)
                    && one.as_ref().zip(two.as_ref()).is_none_or(|(one, two)| one.unifies(two))
            }
            (Object(_, one), Object(_, two)) => {
                self.has_fields_of(other)
                    && other.has_fields_of(self)
                    && one.as_ref().zip(two.as_ref()).is_none_or(|(one, two)| one.1.unifies(&two.1))
            }
            (Set(one), Set(two)) => one.unifies(two),
            (one, two) => one == two,
        }
    }

    fn has_items_of(&self, other: &Self) -> bool {
        let Array(items, _) = other else { return false };
        items.iter().enumerate().all(|(index, item)| {
            self.select(&Key::Number(index.to_string())).is_some_and(|own| own.unifies(item))
        })
    }

    fn has_fields_of(&self, other: &Self) -> bool {
        let Object(fields, _) = other else { return false };
        fields.iter().all(|(key, field)| self.select(&Key::of_json(key)).is_some_and(|own| own.unifies(field)))
    }

    /// For people.
    pub fn name(&self) -> &'static str {
        match self {
            Any => "anything",
            Null => "null",
            Bool => "a boolean",
            Number => "a number",
            Text => "a string",
            Array(..) => "an array",
            Object(..) => "an object",
            Set(_) => "a set",
            Union(_) => "one of several types",
        }
    }
}

/// A key that is known: a constant, but for strings, numbers, booleans and null none that matters here.
pub enum Key {
    Text(String),
    Number(String),
    Bool(String),
    Null,
}

impl Key {
    fn of_json(json: &str) -> Self {
        match json.as_bytes().first() {
            Some(b'"') => Self::Text(serde_json::from_str(json).unwrap_or_default()),
            Some(b't' | b'f') => Self::Bool(json.into()),
            Some(b'n') => Self::Null,
            _ => Self::Number(json.into()),
        }
    }

    pub fn json(&self) -> String {
        match self {
            Self::Text(text) => serde_json::to_string(text).unwrap_or_default(),
            Self::Number(text) | Self::Bool(text) => text.clone(),
            Self::Null => "null".into(),
        }
    }

    pub fn kind(&self) -> Type {
        match self {
            Self::Text(_) => Text,
            Self::Number(_) => Number,
            Self::Bool(_) => Bool,
            Self::Null => Null,
        }
    }
}

/// Reads a type as `signatures.rs` writes it.
pub fn read_type(text: &str) -> Type {
    let mut rest = text;
    read_union(&mut rest)
}

fn read_union(rest: &mut &str) -> Type {
    let mut found = read_single(rest);
    while let Some(after) = rest.strip_prefix('|') {
        *rest = after;
        found = found.or(read_single(rest));
    }
    found
}

fn read_single(rest: &mut &str) -> Type {
    let mut take = || {
        let next = rest.chars().next().unwrap_or('*');
        *rest = rest.get(1..).unwrap_or_default();
        next
    };
    match take() {
        'n' => Number,
        's' => Text,
        'b' => Bool,
        'z' => Null,
        '[' => closed(rest, |rest| Type::array(vec![], Some(read_union(rest)))),
        '<' => closed(rest, |rest| Type::set(read_union(rest))),
        '(' => closed(rest, |rest| {
            let mut items = vec![read_union(rest)];
            while let Some(after) = rest.strip_prefix(',') {
                *rest = after;
                items.push(read_union(rest));
            }
            Type::array(items, None)
        }),
        '{' => closed(rest, |rest| {
            let keys = read_union(rest);
            *rest = rest.get(1..).unwrap_or_default();
            Type::object(BTreeMap::new(), Some((keys, read_union(rest))))
        }),
        _ => Any,
    }
}

fn closed(rest: &mut &str, read: impl FnOnce(&mut &str) -> Type) -> Type {
    let found = read(rest);
    *rest = rest.get(1..).unwrap_or_default();
    found
}
