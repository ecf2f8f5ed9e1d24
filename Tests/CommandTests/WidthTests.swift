import Foundation
import Testing

/// Text that people read fits 80 columns.
@Suite struct WidthTests {
  @Test(arguments: [
    "fuzz relu --cases 4", "fuzz relu --cases 4 --arithmetic bf16,flush-to-zero,order=16-lanes,unfused",
    "fuzz silu --replay 'silu x=[1x1]:0x1p+0' --arithmetic bf16", "layer --list", "golden show softmax",
    "golden show softmax/spread", "golden show linear", "exhaust all --range 1...1.0001",
    "mutants residual-add --cases 2",
    "inspect", "certify --tokens 80 --digits 2",
  ]) func everyLineFits(call: String) throws {
    let command = try Command(shell: "\"$plumb\" \(call)")
    // So few cases find few mutants, which is a status of 1.
    #expect(command.status <= 1 && !command.output.isEmpty, "\(command.errors)")
    for line in (command.output + command.errors).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }
}
