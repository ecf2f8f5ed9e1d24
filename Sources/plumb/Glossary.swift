import PlumbModel

/// The words of the reports, each with what it means; the page *WhatIsProved* has the same table, which a test holds to this one.
struct Glossary {
  /// A word and its meaning.
  struct Entry {
    /// The word.
    let term: String
    /// One sentence or a few.
    let meaning: String
  }

  /// All words, in their alphabetical order.
  static let entries = [
    Entry(
      term: "accumulated",
      meaning: "Measured over the whole pass, both sides given nothing but the tokens: what a layer inherits "
        + "counts too."),
    Entry(term: "activation", meaning: "A named tensor in a pass, such as blocks.3.query."),
    Entry(
      term: "another expert",
      meaning: "Proved of a router's weights in a dump: a token was given to an expert where the exact "
        + "scores prefer another, by more than rounding explains."),
    Entry(
      term: "arithmetic",
      meaning: "How a kernel computes: the format of its tensors, the order of its sums, the accuracy of its "
        + "functions, its casts. A bound is proved for one; '--arithmetic' names it, and 'f32' stands "
        + "where nothing does."),
    Entry(
      term: "assumed",
      meaning: "Taken for granted, and named beside the verdict: the formula, the arithmetic, the accuracy "
        + "that a library publishes, a matrix unit as experiments describe it. The proof holds given "
        + "that."),
    Entry(
      term: "ball",
      meaning: "A midpoint and a radius that hold the exact value between them: the form of an enclosure "
        + "here."),
    Entry(
      term: "bound",
      meaning: "The most that rounding may do to this element of this input in the arithmetic that is named. "
        + "It is proved, and differs from element to element; nobody chose it."),
    Entry(
      term: "case",
      meaning: "The input of a layer, whole: its tensors and attributes. One line of text replays it."),
    Entry(
      term: "corpus",
      meaning: "Cases that are kept in 'Fuzz/': failures made small and the worst cases known. They come "
        + "first in each run."),
    Entry(
      term: "domain",
      meaning: "The inputs for which there is an exact value and a bound. Outside the domain, as where an "
        + "intermediate may overflow, nothing is claimed, and that is never a pass."),
    Entry(
      term: "drift",
      meaning: "The distance of what an engine computed from the exact value, in ulps and absolute."),
    Entry(
      term: "enclosure",
      meaning: "Two ends between which the exact value is proved to lie. It is made as narrow as a verdict "
        + "needs."),
    Entry(term: "engine", meaning: "What is judged: the fast computation in Float32 that ships with plumb, or yours."),
    Entry(
      term: "exact value",
      meaning: "The real number that the weights, the inputs and the formula define, without any rounding."),
    Entry(
      term: "first cause",
      meaning: "The first activation of a pass that rounding cannot explain, given what the engine fed to "
        + "its layer. What follows from it is not blamed."),
    Entry(
      term: "golden",
      meaning: "Exact results in a text file, the same bytes on every machine, for tests in any language."),
    Entry(
      term: "local",
      meaning: "Measured of one layer alone, given the very numbers that the engine gave it: no error is "
        + "inherited."),
    Entry(
      term: "margin",
      meaning: "Distance from the exact value ÷ bound. Up to 1, rounding explains the distance; above 1 it "
        + "is proved that it does not, in the arithmetic that is named. A margin of 1 is within, and no near miss: "
        + "where a result is rounded once at the end, its bound is half the spacing of numbers or little more, and "
        + "even the best kernel comes to it when the exact value lies halfway between two of them."),
    Entry(term: "median", meaning: "The distance that half of the elements do not exceed, in ulps."),
    Entry(term: "mutant", meaning: "An engine with one bug that was planted on purpose, to see that it is found."),
    Entry(
      term: "outside",
      meaning: "Proved not to be rounding: the whole enclosure of the distance lies above the bound. It is a "
        + "bug, or another arithmetic or formula than was named."),
    Entry(term: "reference", meaning: "The same computation in exact arithmetic, whose results are enclosures."),
    Entry(
      term: "seed",
      meaning: "The number where random choices start. The same seed and options give the same cases "
        + "anywhere."),
    Entry(
      term: "typical",
      meaning: "What the formula errs by when this machine computes it on the same inputs, every operation "
        + "rounded to nearest and sums added one term after the other. Larger errors within a bound are a "
        + "note, and change no verdict."),
    Entry(
      term: "ulp",
      meaning: "A unit in the last place: the spacing of Float32 numbers at the exact value. A result that "
        + "is rounded correctly is off by half of one at most."),
    Entry(
      term: "undecided",
      meaning: "Neither proved within nor proved outside at the greatest precision that is tried; nothing is "
        + "claimed."),
    Entry(
      term: "verdict",
      meaning: "What is proved of an element: within, outside, another expert, undecided or outside the "
        + "domain; of many, the gravest."),
    Entry(
      term: "within",
      meaning: "Proved to be what rounding may do: the whole enclosure of the distance lies at or below the "
        + "bound."),
  ]

  /// The entry of `term`, however it is capitalised, and in the plural or as reports have it.
  static func entry(of term: String) -> Entry? {
    let term = term.lowercased()
    let words = [term, term.hasSuffix("s") ? String(term.dropLast()) : term, others[term] ?? term]
    return words.lazy.compactMap { word in entries.first { $0.term == word } }.first
  }

  /// The words of other forms in reports.
  private static let others = [
    "max ulps": "ulp", "outside the domain": "domain", "unclaimed": "domain", "bug": "mutant", "tolerance": "bound",
    "exact": "exact value",
  ]

  /// The word that `term` is a misspelling of; `nil` where there is none.
  static func nearest(to term: String) -> String? { NameTable.meant(by: term, among: entries.map(\.term)) }
}
