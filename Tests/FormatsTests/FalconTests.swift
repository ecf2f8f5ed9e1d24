import Foundation
import Testing

@testable import PlumbFormats

/// Folders of Falcon that contradict themselves, or ask for something that no layer here computes.
@Suite struct FalconTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")

  @Test(arguments: [
    ("falcon", #""alibi": false"#, #""alibi": 8"#, "'alibi'"),
    ("falcon", #""multi_query": true"#, #""multi_query": false"#, "48 rows"),
    ("falcon40", #""num_kv_heads": 2"#, #""num_kv_heads": 3"#, "rows of its parts"),
    ("falcon40", #""num_kv_heads": 2"#, #""num_kv_heads": 4"#, "48 rows"),
    ("falcon40", #""new_decoder_architecture": true"#, #""new_decoder_architecture": false"#, "input_layernorm"),
    ("falcon40", #""num_ln_in_parallel_attn": 2"#, #""num_ln_in_parallel_attn": 3"#, "'num_ln_in_parallel_attn'"),
    ("falconseq", #""parallel_attn": false"#, #""parallel_attn": true"#, "post_attention_layernorm"),
    ("falconseq", #""bias": true"#, #""bias": false"#, "has a bias"),
  ]) func isRefused(_ name: String, _ old: String, _ new: String, _ word: String) throws {
    let copy = FileManager.default.temporaryDirectory.appending(path: "plumb-falcon-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: copy) }
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "tiny-\(name)"), to: copy)
    let config = copy.appending(path: "config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacing(old, with: new).write(to: config, atomically: true, encoding: .utf8)
    let error = #expect(throws: ModelError.self) { _ = try LoadedModel.open(path: copy.path(percentEncoded: false)) }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }
}
