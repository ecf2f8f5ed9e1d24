import Foundation
import Testing

/// Files that cannot be read: the path, what is wrong and what to do, without the words and numbers of a library.
@Suite struct FileMessageTests {
  @Test func whatCannotBeReadIsSaidInOneLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.path(percentEncoded: false)
    let dump = try folder.file("dump.safetensors", EngineDump.bytes())
    for (call, words) in [
      ("drift --prompt-file none", "none: there is no such file; check the path"),
      ("drift --prompt-file .", ".: is a directory; name a file"), ("run --batch-file none", "there is no such file"),
      ("perplexity shipped none", "none: there is no such file"), ("drift --baseline none", "there is no such file"),
      ("drift --baseline .", "is a directory"), ("merge none", "none: there is no such file; name a file that"),
      ("merge .", ".: is a directory; name a file that"),
      ("grade seeded '\(dump)' --tokens \(EngineDump.list) --names none", "none: there is no such file; give a JSON"),
      ("perplexity shipped - <&-", "-: cannot be opened"),
    ] {
      let command = try Command(shell: "cd '\(path)' && \"$plumb\" \(call)")
      #expect(command.status == 2 && command.output.isEmpty)
      #expect(command.errors.contains(words) && command.errors.split(separator: "\n").count == 1, "\(command.errors)")
      for library in ["Cocoa", "NSError", "Error Domain", "couldn’t", "Code="] {
        #expect(!command.errors.contains(library), "\(command.errors)")
      }
    }
  }

  @Test func aSoundFileOfAnotherFormatIsNotDamaged() throws {
    let folder = try TemporaryFolder()
    let gguf = try folder.file("model.gguf", Array("GGUF".utf8) + [UInt8](repeating: 0, count: 64))
    let numpy = try folder.file("x.npy", [0x93] + Array("NUMPY".utf8) + [UInt8](repeating: 0, count: 64))
    for (file, format) in [(gguf, "is a GGUF file"), (numpy, "is a NumPy file")] {
      for call in [
        "certify --tokens 80 --against '\(file)'", "grade seeded '\(file)' --tokens 80",
        "diagnose seeded '\(file)' --tokens 80", "layer relu --input '\(file)' --output out",
      ] {
        let command = try Command(shell: "\"$plumb\" \(call)")
        #expect(command.status == 2 && command.errors.contains(format), "\(command.errors)")
        #expect(!command.errors.contains("fetch it again") && !command.errors.contains("damaged"))
      }
    }
  }
}
