import PlumbModel

extension NameTable {
  /// The tables that ship, by what `--names` calls them.
  package static let all: [(word: String, table: NameTable)] = [
    ("plumb", plumb), ("hf", hookNames), ("llama.cpp", callbackNames),
  ]
}
