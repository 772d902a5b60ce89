//! Lines and columns of a text, and of one that was written again.

/// Where the lines of a text begin.
pub struct Lines(Vec<usize>);

impl Lines {
    pub fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(starts).collect())
    }

    /// The line of an offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }

    /// The line and the column of an offset, both from 1, as regorus counts columns.
    pub fn place(&self, text: &str, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let before = text.get(self.0[line - 1]..offset).unwrap_or_default();
        (line, before.chars().map(width).sum::<usize>() + 1)
    }

    /// The offset of a line and a column as regorus counts them.
    pub fn offset(&self, text: &str, line: usize, column: usize) -> Option<usize> {
        let start = *self.0.get(line.checked_sub(1)?)?;
        let end = self.0.get(line).map_or(text.len(), |next| next - 1);
        let mut left = column.saturating_sub(1);
        for (at, letter) in text.get(start..end)?.char_indices() {
            if left == 0 {
                return Some(start + at);
            }
            left = left.saturating_sub(width(letter));
        }
        Some(end)
    }
}

/// How many columns regorus counts for a letter.
fn width(letter: char) -> usize {
    if letter == '\t' { 4 } else { letter.len_utf8() }
}

/// A piece of a text, and what stands in its place.
pub struct Edit {
    pub start: usize,
    pub end: usize,
    pub text: String,
    /// Where it was in the text, for messages.
    pub origin: usize,
}

impl Edit {
    pub fn new(start: usize, end: usize, text: String) -> Self {
        Self { start, end, text, origin: start }
    }

    /// Puts a text between others.
    pub fn at(place: usize, text: String) -> Self {
        Self::new(place, place, text)
    }
}

/// A text with its edits done.
pub struct Edited {
    pub text: String,
    /// Where each edit begins in the new text, by its place among the edits.
    starts: Vec<usize>,
    edits: Vec<Edit>,
    /// How the text came about in which they were done.
    before: Option<Box<Edited>>,
}

impl Edited {
    /// Does edits that are apart from each other.
    pub fn new(source: &str, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.start);
        let mut text = String::with_capacity(source.len());
        let mut starts = vec![];
        let mut done = 0;
        for edit in &edits {
            text.push_str(&source[done..edit.start]);
            starts.push(text.len());
            text.push_str(&edit.text);
            done = edit.end;
        }
        text.push_str(&source[done..]);
        Self { text, starts, edits, before: None }
    }

    /// Takes in what became of this text when it was edited again.
    pub fn edit(&mut self, next: Self) {
        let before = std::mem::replace(self, next);
        self.before = Some(Box::new(before));
    }

    pub fn is_changed(&self) -> bool {
        !self.edits.is_empty()
    }

    /// Where an offset of the new text was in the first one; all of an edit was at its origin.
    pub fn origin(&self, offset: usize) -> usize {
        let origin = match self.starts.partition_point(|start| *start <= offset).checked_sub(1) {
            None => offset,
            Some(last) => {
                let (start, edit) = (self.starts[last], &self.edits[last]);
                let behind = (offset - start).checked_sub(edit.text.len());
                behind.map_or(edit.origin, |behind| edit.end + behind)
            }
        };
        self.before.as_ref().map_or(origin, |before| before.origin(origin))
    }
}
