import Foundation
import Testing

/// A model that no precision gives a pass: its token embeddings are zeros, and its norms divide by their root alone.
@Suite struct UndecidedCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-llama")
    let text = try String(contentsOf: fixture.appending(path: "config.json"), encoding: .utf8)
    try text.replacing("\"rms_norm_eps\": 1e-05", with: "\"rms_norm_eps\": 0").write(
      to: folder.url.appending(path: "config.json"), atomically: true, encoding: .utf8)
    var bytes = try Data(contentsOf: fixture.appending(path: "model.safetensors"))
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
    let tensor = try #require(header["model.embed_tokens.weight"] as? [String: Any])
    let range = try #require(tensor["data_offsets"] as? [Int])
    for index in range[0]..<range[1] { bytes[8 + length + index] = 0 }
    try bytes.write(to: folder.url.appending(path: "model.safetensors"))
  }

  /// The local drift, known without the pass, is printed, then that the pass is undecided.
  @Test func driftPrintsTheLocalPart() throws {
    let command = try Command("drift", folder.url.path, "--tokens", "1,2")
    #expect(command.status == 1, "\(command.errors)")
    #expect(command.output.contains("local, on the engine's inputs\n") && !command.output.contains("accumulated"))
    #expect(command.output.contains("1 activations within, "))
    #expect(
      command.errors
        == "plumb: the exact pass from the tokens: 'blocks.0.attention-norm' is not decided at 16384 bits, the "
        + "greatest precision tried; an input of it may stand on the edge of its function's domain; this is the local drift\n"
    )
  }
}
