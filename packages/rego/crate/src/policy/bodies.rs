//! Writes bodies out that regorus would give another value than OPA: a second body of a rule, and an `else` without a
//! value behind one that has a value.

use regorus::unstable::{Module, Rule, RuleBody, RuleHead};

use super::lines::{Edit, Edited};
use super::Refusal;

/// What may be added to a module.
const MOST_ADDED: usize = 1 << 20;

/// A module's text with the bodies written out, if there are any.
pub fn write_out(module: &Module) -> Result<Option<Edited>, Refusal> {
    let contents = module.package.span.source.get_contents();
    let mut edits = vec![];
    let mut left = MOST_ADDED;
    for rule in &module.policy {
        let Rule::Spec { span, head, bodies } = &**rule else { continue };
        let Some((first, others)) = bodies.split_first() else { continue };
        for body in others {
            let edit = if body.is_else {
                otherwise_true(head, body)
            } else {
                let whole = contents.get(span.start as usize..first.query.span.start as usize);
                whole.map(|head| Edit::at(body.span.start as usize, format!(" {head}")))
            };
            let Some(edit) = edit else { continue };
            left = left
                .checked_sub(edit.text.len())
                .ok_or_else(|| Refusal::new(&body.span, "there are too many bodies: write rules of their own"))?;
            edits.push(edit);
        }
    }
    Ok((!edits.is_empty()).then(|| Edited::new(contents, edits)))
}

/// The value of an `else` that has none; nothing has to be written where the rule has none either.
fn otherwise_true(head: &RuleHead, body: &RuleBody) -> Option<Edit> {
    let has_value = match head {
        RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => assign.is_some(),
        RuleHead::Set { .. } => false,
    };
    (has_value && body.assign.is_none()).then(|| Edit::at(body.span.start as usize + "else".len(), " := true".into()))
}
