import ArgumentParser
import PlumbCases
import PlumbFuzzing
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The words that a shell completes where an argument has a fixed set of them.
enum Completions {
  /// The names of layers.
  static let layer = CompletionKind.list(layers)

  /// The names of layers, and the word for all of them.
  static let layerOrAll = CompletionKind.list(layers + ["all"])

  /// The arithmetics that have a name; options are added by hand.
  static let arithmetic = CompletionKind.list(presets)

  /// The arithmetics that have a name, and that of the engine here.
  static let arithmeticOrEngine = CompletionKind.list(presets + ["engine"])

  /// The strategies of cases, a search among them.
  static let turns = CompletionKind.list(Turns.names)

  /// The strategies that draw cases in a folder.
  static let strategy = CompletionKind.list(Strategy.allCases.map(\.rawValue) + ["all"])

  /// The objectives of a search.
  static let objective = CompletionKind.list(Objective.allCases.map(\.rawValue))

  /// The words of the glossary; a word of two parts is completed by its first.
  static let glossary = CompletionKind.list(
    Glossary.entries.map { String($0.term.prefix { $0 != " " }) }.reduce(into: []) { words, word in
      if words.last != word { words.append(word) }
    })

  private static let layers = LayerKind.allCases.map(\.rawValue)
  private static let presets = ArithmeticModel.presets.map(\.name)
}
