import Foundation
import PlumbCases
import PlumbFormats
import PlumbModel

/// The cases of a layer that are replayed before anything new: shrunk failures and worst cases found.
///
/// A text file, one case a line; blank lines and lines that begin with `#` are comments, the last of them the checksum.
package struct Corpus: Sendable {
  /// The file.
  package let path: String
  /// The cases, in the order of the file.
  package private(set) var entries: [CorpusEntry] = []
  private let layer: LayerKind
  private let folder: String
  /// The file without its checksum.
  private var text = ""

  /// Reads the corpus of `layer` in `folder`; there are no entries where there is no file.
  ///
  /// - Throws: `CorpusError` naming the file, and the line and column of what is wrong.
  package init(of layer: LayerKind, in folder: String) throws(CorpusError) {
    self.layer = layer
    self.folder = folder
    path = "\(folder)/\(layer.rawValue).corpus"
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CorpusError(file: path, line: nil, column: nil, problem: "cannot be read")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CorpusError(file: path, line: nil, column: nil, problem: "is not UTF-8")
    }
    self.text = ChecksumLine.comment.content(of: text)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) { continue }
      do throws(LineError) {
        let entry = try CorpusEntry(parsing: String(line), line: index + 1)
        guard entry.input.layer == layer else {
          throw LineError(
            column: 1, problem: "a case of \(entry.input.layer.rawValue) among those of \(layer.rawValue)")
        }
        entries.append(entry)
      } catch {
        throw CorpusError(file: path, line: index + 1, column: error.column, problem: error.problem)
      }
    }
    if let problem = ChecksumLine.comment.problem(in: text) {
      throw CorpusError(file: path, line: nil, column: nil, problem: problem)
    }
  }

  /// Adds `entry` at the end of the file, unless its case is there already; the file is replaced whole.
  ///
  /// Cases that another process added since the corpus was read stay, and are read with it.
  /// - Returns: whether it was added.
  /// - Throws: `CorpusError` when the file cannot be read again or written.
  @discardableResult
  package mutating func append(_ entry: CorpusEntry) throws(CorpusError) -> Bool {
    let (layer, folder) = (layer, folder)
    let (corpus, isAdded) = try FolderLock.withLock(folder) { () throws(CorpusError) -> (Corpus, Bool) in
      var corpus = try Corpus(of: layer, in: folder)
      return (corpus, try corpus.write(entry))
    }
    self = corpus
    return isAdded
  }

  private mutating func write(_ entry: CorpusEntry) throws(CorpusError) -> Bool {
    guard !entries.contains(where: { $0.input == entry.input }) else { return false }
    var text = text
    if text.isEmpty { text = "# Shrunk cases of \(layer.rawValue), replayed first: case # seed: why it is here.\n" }
    if !text.hasSuffix("\n") { text += "\n" }
    text += entry.text + "\n"
    do {
      try AtomicFile.write(Array(ChecksumLine.comment.sealed(text).utf8), to: path)
    } catch {
      throw CorpusError(file: path, line: nil, column: nil, problem: error.problem)
    }
    self.text = text
    let line = text.utf8.count { $0 == UInt8(ascii: "\n") }
    entries.append(CorpusEntry(entry.input, seed: entry.seed, reason: entry.reason, line: line))
    return true
  }
}

/// A fault of a corpus, and its place.
package struct CorpusError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file.
  package let file: String
  /// The line, from 1; `nil` where the whole file is meant.
  package let line: Int?
  /// The column, from 1.
  package let column: Int?
  /// The fault.
  package let problem: String

  /// One line for the person who must act.
  package var description: String {
    let place = line.map { ", line \($0)" } ?? ""
    return (file + place + (column.map { ", column \($0)" } ?? "") + ": " + problem).onOneLine
  }
}
