import PlumbFormats
import PlumbModel

/// A file of one case whose line is too long for a terminal, and for many a shell.
package enum ReplayFile {
  /// The longest line that is printed itself, in bytes.
  package static let longestLine = 400

  /// Gives each failure of `reports` whose line is longer a file in `folder`.
  ///
  /// A file is named for its layer and for what it holds, so that the same case has the same file and no other is lost.
  ///
  /// - Throws: `ModelError` where a file cannot be written.
  package static func write(_ reports: inout [FuzzReport], to folder: String) throws(ModelError) {
    for report in reports.indices {
      for place in reports[report].failures.indices {
        let line = reports[report].failures[place].replay
        reports[report].failures[place].replayFile = nil
        guard line.utf8.count > longestLine else { continue }
        let hash = line.utf8.reduce(UInt64(0)) { SplitMix64.mixed($0 &+ SplitMix64.step &+ UInt64($1)) }
        let path = "\(folder)/plumb-\(reports[report].layer)-\(String(hash, radix: 16)).case"
        try AtomicFile.write(Array("\(line)\n".utf8), to: path)
        reports[report].failures[place].replayFile = path
      }
    }
  }
}
