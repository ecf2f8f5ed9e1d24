import Foundation
import Testing

@Suite struct GradientCommandTests {
  @Test func theGradientIsPrintedAndWritten() throws {
    let folder = try TemporaryFolder()
    let page = folder.url.appending(path: "page.html").path(percentEncoded: false)
    let tests = folder.url.appending(path: "tests.xml").path(percentEncoded: false)
    let command = try Command(
      "gradient", "--prompt", "Plumb", "--digits", "20", "--html", page, "--junit", tests, "--threads", "1",
      "--attribute")
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.lines.allSatisfy { $0.count <= 80 })
    for words in [
      "token_embd.weight", "attention-key-backward", "all within", "5, of which 4 are predicted",
      "where the drift of the gradient",
    ] {
      #expect(command.output.contains(words), "\(words)")
    }
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.contains("Steps backwards") && text.contains("Where the drift of the gradient comes from"))
    #expect(try String(contentsOfFile: tests, encoding: .utf8).contains("blk.0.attn_q.weight.grad"))
  }

  @Test func whatCannotBeComputedIsRefused() throws {
    for (arguments, words) in [
      (["--digits", "0"], "'--digits' must be from 1 to"), (["--tokens", "80"], "give at least two"),
      (["--tokens", "80,999"], "token 999"),
    ] {
      let command = try Command(["gradient"] + arguments)
      #expect(command.status == 2 && command.output.isEmpty && command.errors.contains(words), "\(command.errors)")
    }
  }
}
