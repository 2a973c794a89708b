//! A log that lives through anything, against an oracle that only counts: whatever is written, rotated, copied, compressed,
//! cut and deleted, and however often the process ends, every line is there once. Lost is only what nobody could have
//! read: what was cut off or deleted before it was durable.

use std::collections::{BTreeMap, BTreeSet};

use super::{Play, line};

/// A xorshift generator: the same seed, the same life.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// A delivery that a crash may undo.
struct Pending {
    key: String,
    /// Position before it.
    before: Option<String>,
    seen: usize,
}

struct Life {
    play: Play,
    dice: Dice,
    next: u64,
    /// Whole lines in each file, by name.
    files: BTreeMap<String, Vec<u64>>,
    may_be_lost: BTreeSet<u64>,
    pending: Vec<Pending>,
    story: Vec<String>,
}

#[test]
fn every_line_is_read_once_whatever_happens_to_its_file() {
    for seed in 1..=300 {
        let mut life = Life {
            play: Play::folder(),
            dice: Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed)),
            next: 0,
            files: BTreeMap::new(),
            may_be_lost: BTreeSet::new(),
            pending: Vec::new(),
            story: Vec::new(),
        };
        for _ in 0..life.dice.roll(40) + 5 {
            life.step();
        }
        for _ in 0..15 {
            life.look();
        }
        life.judge(seed);
    }
}

impl Life {
    fn step(&mut self) {
        match self.dice.roll(20) {
            0..6 => self.write(),
            6..12 => self.look(),
            12 | 13 => self.rotate(),
            14 => self.copy_and_truncate(),
            15 => self.compress(),
            16 => self.cut(),
            17 => self.partial(),
            18 => self.delete_oldest(),
            _ => self.crash(),
        }
    }

    fn write(&mut self) {
        let count = 1 + self.dice.roll(30);
        for _ in 0..count {
            self.one();
        }
        self.story.push(format!("write {count} up to {}", self.next));
    }

    fn one(&mut self) {
        let text = self.text();
        self.play.append("access.log", text);
        self.files.entry("access.log".into()).or_default().push(self.next);
        self.next += 1;
    }

    /// The next line, of any length: two states of a file rarely have the same size.
    fn text(&mut self) -> String {
        let padding = "x".repeat(self.dice.roll(400) as usize);
        line(self.next).replace("curl/8.5.0", &format!("curl/8.5.0 {padding}"))
    }

    fn look(&mut self) {
        self.play.poll();
        loop {
            let before = self.play.positions.clone();
            let seen = self.play.seen.len();
            if !self.play.take() {
                break;
            }
            let changed = self.play.positions.iter().find(|(key, position)| before.get(*key) != Some(*position));
            let Some((key, _)) = changed else { continue };
            self.pending.push(Pending { key: key.clone(), before: before.get(key).cloned(), seen });
        }
        self.story.push(format!("look, {} seen", self.play.seen.len()));
    }

    fn rotate(&mut self) {
        if !self.files.contains_key("access.log") {
            return;
        }
        self.shift();
        self.play.rename("access.log", "access.log.1");
        let lines = self.files.remove("access.log").unwrap();
        self.files.insert("access.log.1".into(), lines);
        self.story.push("rotate".into());
        // Servers make the new file at once, or with the first line.
        if self.dice.roll(2) == 0 {
            self.play.append("access.log", "");
            self.files.insert("access.log".into(), Vec::new());
        }
    }

    fn copy_and_truncate(&mut self) {
        if !self.files.contains_key("access.log") {
            return;
        }
        self.shift();
        std::fs::copy(self.play.path("access.log"), self.play.path("access.log.1")).unwrap();
        if self.dice.roll(3) == 0 {
            self.look();
        }
        self.play.truncate("access.log");
        let lines = std::mem::take(self.files.get_mut("access.log").unwrap());
        self.files.insert("access.log.1".into(), lines);
        self.story.push("copy and truncate".into());
    }

    /// Makes room at `access.log.1`.
    fn shift(&mut self) {
        for number in (1..12).rev() {
            for ending in ["", ".gz"] {
                let (from, to) = (format!("access.log.{number}{ending}"), format!("access.log.{}{ending}", number + 1));
                if let Some(lines) = self.files.remove(&from) {
                    self.play.rename(&from, &to);
                    self.files.insert(to, lines);
                }
            }
        }
    }

    fn compress(&mut self) {
        let mut plain = self.files.keys().filter(|name| *name != "access.log" && !name.contains(".gz")).cloned();
        let Some(name) = plain.next_back() else { return };
        self.play.compress(&name, &format!("{name}.gz"));
        let lines = self.files.remove(&name).unwrap();
        self.story.push(format!("compress {name}"));
        self.files.insert(format!("{name}.gz"), lines);
    }

    fn cut(&mut self) {
        if let Some(lines) = self.files.get_mut("access.log") {
            let lost = std::mem::take(lines);
            self.play.truncate("access.log");
            self.lose(lost);
            self.story.push("cut".into());
        }
    }

    fn partial(&mut self) {
        let text = self.text();
        let (begin, end) = text.split_at(text.len() / 2);
        self.play.append("access.log", begin);
        self.files.entry("access.log".into()).or_default();
        self.story.push("begin a line".into());
        self.look();
        let mut name = "access.log";
        if self.dice.roll(2) == 0 {
            self.rotate();
            name = "access.log.1";
            self.look();
        }
        self.play.append(name, end);
        self.files.get_mut(name).unwrap().push(self.next);
        self.next += 1;
        self.story.push(format!("end it in {name}"));
    }

    fn delete_oldest(&mut self) {
        let rotated = self.files.keys().filter(|name| *name != "access.log").max_by_key(|name| {
            name.trim_end_matches(".gz").rsplit('.').next().and_then(|number| number.parse::<u32>().ok())
        });
        if let Some(name) = rotated.cloned() {
            self.play.remove(&name);
            let lines = self.files.remove(&name).unwrap();
            self.lose(lines);
            self.story.push(format!("delete {name}"));
        }
    }

    /// What is durable stays; the rest could not be read any more by anyone.
    fn lose(&mut self, lines: Vec<u64>) {
        let undone = self.pending.first().map_or(self.play.seen.len(), |pending| pending.seen);
        let durable: BTreeSet<&String> = self.play.seen[..undone].iter().collect();
        self.may_be_lost.extend(lines.into_iter().filter(|n| !durable.contains(&format!("/{n}"))));
    }

    /// The process ends; some of the last deliveries had not become durable.
    fn crash(&mut self) {
        let undone = self.dice.roll(self.pending.len() as u64 + 1);
        for _ in 0..undone {
            let Pending { key, before, seen } = self.pending.pop().unwrap();
            self.play.seen.truncate(seen);
            match before {
                Some(position) => self.play.positions.insert(key, position),
                None => self.play.positions.remove(&key),
            };
        }
        self.pending.clear();
        self.play.restart();
        self.story.push(format!("crash, {undone} undone"));
    }

    fn judge(&self, seed: u64) {
        let mut times: BTreeMap<u64, usize> = BTreeMap::new();
        for path in &self.play.seen {
            *times.entry(path[1..].parse().unwrap()).or_default() += 1;
        }
        let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        let lost: Vec<u64> =
            (0..self.next).filter(|n| !times.contains_key(n) && !self.may_be_lost.contains(n)).collect();
        assert!(
            twice.is_empty() && lost.is_empty(),
            "seed {seed}: twice {twice:?}, lost {lost:?}\n{}",
            self.story.join("\n")
        );
    }
}
