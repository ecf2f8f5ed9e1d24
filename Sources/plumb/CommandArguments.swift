import ArgumentParser
import Foundation

/// The words of the command line, as the parser of options takes them.
enum CommandArguments {
  /// The options that may be given more than once.
  private static let repeatable: Set = ["--prompt", "--attribute"]

  /// The words after the command's own name, in which a negative number is joined to the option before it.
  ///
  /// - Throws: `BadInput` for words that are not UTF-8, an option that is given twice, and help on a command that is not there.
  static func read() throws(BadInput) -> [String] {
    let words = joined(try wholeWords())
    try refuseRepetition(in: words)
    try refuseUnknownHelp(words)
    return words
  }

  /// The words, none of which is mended: a prompt whose bytes are replaced is another prompt.
  private static func wholeWords() throws(BadInput) -> [String] {
    var words: [String] = []
    for index in 1..<max(Int(CommandLine.argc), 1) {
      // Sound: there are `argc` terminated strings, which live as long as the process.
      guard let word = unsafe CommandLine.unsafeArgv[index] else { break }
      guard let text = unsafe String(validatingCString: word) else {
        throw BadInput(
          message: "argument \(index), '\(unsafe String(cString: word))', is not UTF-8 text; convert it, or name a file"
        )
      }
      words.append(text)
    }
    return words
  }

  /// The words with `--seed -1` as `--seed=-1`: the parser takes what begins with a dash for an option, and says that the
  /// value is missing where it is wrong.
  private static func joined(_ words: [String]) -> [String] {
    var result: [String] = []
    for word in words {
      if let option = result.last, option.wholeMatch(of: /--[a-z][a-z-]*/) != nil, !result.contains("--"),
        word.prefixMatch(of: /-(\d|\.\d|inf|nan)/) != nil
      {
        result[result.count - 1] = "\(option)=\(word)"
      } else {
        result.append(word)
      }
    }
    return result
  }

  private static func refuseRepetition(in words: [String]) throws(BadInput) {
    var seen = Set<Substring>()
    for word in words.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
      let option = word.prefix { $0 != "=" }
      guard repeatable.contains(String(option)) || seen.insert(option).inserted else {
        throw BadInput(message: "'\(option)' is given twice; give it once")
      }
    }
  }

  private static func refuseUnknownHelp(_ words: [String]) throws(BadInput) {
    guard words.first == "help" else { return }
    var command: any ParsableCommand.Type = Plumb.self
    for word in words.dropFirst() where !word.hasPrefix("-") {
      let known = command.configuration.subcommands
      guard let next = known.first(where: { $0._commandName == word }) else {
        let names = known.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        throw BadInput(
          message: names.isEmpty
            ? "'\(command._commandName)' has no commands, and none called '\(word)'"
            : "there is no command '\(word)'; there are \(names.joined(separator: ", "))")
      }
      command = next
    }
  }
}

/// The number where random choices start, as the command line takes it.
enum Seed {
  /// Reads a decimal number, or a hexadecimal one such as `0xC0FFEE`.
  ///
  /// - Throws: `ValidationError`.
  static func parse(_ text: String) throws -> UInt64 {
    let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
    let digits = isHexadecimal ? text.dropFirst(2) : text[...]
    // A sign is none of the digits.
    guard digits.first != "+", let seed = UInt64(digits, radix: isHexadecimal ? 16 : 10) else {
      throw ValidationError(
        "A seed is a whole number from 0 to \(UInt64.max), decimal or hexadecimal such as 0xC0FFEE.")
    }
    return seed
  }
}
