import ArgumentParser
import PlumbDrift
import PlumbFormats
import PlumbFuzzing
import PlumbReports

/// The files that a report of activations is written to beside what is printed.
struct ReportArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write the report as one self-contained page, with the attention of the heads that drift most.",
      valueName: "file"))
  var html: String?

  @Option(help: ArgumentHelp("Report the exact attention of this head only.", valueName: "block.head"))
  var head: HeadNumber?

  @Option(
    help: ArgumentHelp("Write each activation as a test for continuous integration (JUnit XML).", valueName: "file"))
  var junit: String?

  /// Refuses a head that nobody would see: the table has none.
  func refuseHead(json: Bool) throws {
    if head != nil && html == nil && !json {
      throw ValidationError("'--head' is shown by '--html' and '--json', and neither is given.")
    }
  }

  /// The files that are written.
  func write(by paths: inout CommandFiles) {
    paths.write(html, "--html")
    paths.write(junit, "--junit")
  }

  /// Refuses what cannot be reported of `model`, before the work is done.
  func check(_ model: LoadedModel) throws(BadInput) {
    guard let head else { return }
    let plan = model.transformer.plan
    let heads = plan.blocks.indices.map { plan.attention(inBlock: $0)?.heads ?? 0 }
    guard heads.indices.contains(head.block), head.head < heads[head.block] else {
      let ranges = Set(heads).sorted().map { "0 to \($0 - 1)" }.joined(separator: " or ")
      throw BadInput(
        message: "--head \(head.block).\(head.head): the model has blocks 0 to \(heads.count - 1), "
          + "each with heads \(ranges)")
    }
  }

  /// The heads whose attention the report holds: the chosen one, or some for a page.
  var attention: AttentionHeads? {
    if let head { return .chosen(block: head.block, head: head.head) }
    return html == nil ? nil : .mostDrifting(4)
  }

  /// Writes the files that are wanted.
  func write(
    html page: (_ command: [String], _ version: String) -> String, junit tests: String, to files: inout OutputFiles
  ) {
    files.write(tests, to: junit)
    files.write(page(CommandLine.called, Plumb.version), to: html)
  }
}

/// One head of one block as the command line writes it: `3.1`.
struct HeadNumber: ExpressibleByArgument {
  let block: Int
  let head: Int

  init?(argument: String) {
    let numbers = argument.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let block = numbers[0], let head = numbers[1], block >= 0, head >= 0 else { return nil }
    (self.block, self.head) = (block, head)
  }
}

extension FuzzTable {
  /// Prints the table of `reports`, in colours where they are wanted.
  static func show(_ reports: [FuzzReport]) {
    StandardOutput.write(FuzzTable(reports, isColoured: StandardOutput.isColoured).text)
  }
}

extension CommandLine {
  /// The command line as it was called, whatever the path of the command.
  static var called: [String] { ["plumb"] + arguments.dropFirst() }
}
