import Foundation
import PlumbEngine
import Testing

/// The command as it speaks to those who do not know it yet.
@Suite struct HabitTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  @Test func aloneItShowsThreeCommandsThatAreThere() throws {
    let alone = try Command([])
    #expect(alone.status == 0 && alone.errors.isEmpty)
    let calls = alone.lines.compactMap { $0.firstMatch(of: /^  plumb ([a-z]+)/).map { String($0.1) } }
    #expect(calls == ["drift", "fuzz", "grade"])
    for call in alone.output.matches(of: /'?plumb ([a-z]+)/).map({ String($0.1) }) where call != "help" {
      #expect(try Command("help", call).status == 0, "\(call)")
    }
    #expect(alone.lines.allSatisfy { $0.count <= 80 })
    let wrong = try Command("nosuch")
    #expect(wrong.status == 2 && wrong.errors.contains("nosuch"))
  }

  /// The rows of the page, a word and its meaning each.
  private func words() throws -> [(term: String, meaning: String)] {
    let page = try String(
      contentsOf: Self.root.appending(path: "Sources/Plumbline/Plumbline.docc/WhatIsProved.md"), encoding: .utf8)
    return page.split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^\| \*\*(.+?)\*\* \| (.+) \|$/).map { (String($0.1), String($0.2)) }
    }
  }

  @Test func explainSaysWhatThePageSays() throws {
    let words = try words()
    let list = try Command("explain").output.split { $0.isNewline || $0 == "," }.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    #expect(list == words.map(\.term) && list == list.sorted() && list.count > 20)
    for (term, meaning) in words {
      let command = try Command(["explain", term.uppercased()])
      #expect(command.status == 0 && command.lines.allSatisfy { $0.count <= 80 })
      let (said, written) = (command.output.split { $0.isWhitespace }, "\(term): \(meaning)".split { $0.isWhitespace })
      #expect(term == "arithmetic" ? said.starts(with: written) : said == written)
    }
  }

  /// The help names a few arithmetics and says who names all: the same words that the refusal of a wrong arithmetic lists.
  @Test func explainListsEveryWordOfAnArithmetic() throws {
    let refusal = try Command("fuzz", "relu", "--cases", "1", "--engine", "cat", "--arithmetic", "nosuch")
    let list = try #require(refusal.errors.firstMatch(of: /there are (f32.*?);/)).1.filter { !$0.isWhitespace }
    let explained = try Command("explain", "arithmetic").output.filter { !$0.isWhitespace }
    #expect(explained.hasSuffix(list) && list.contains(",functions=cuda|"))
    for call in ["layer", "fuzz", "tolerance", "grade"] {
      let help = try Command(call, "--help").output.split { $0.isWhitespace }.joined(separator: " ")
      #expect(help.contains("'plumb explain arithmetic' lists all") && !help.contains("sleef"), "\(call)")
    }
  }

  /// Each command that takes a layer, an arithmetic or a word of the glossary has a list of them in the script.
  @Test func completionsKnowLayersArithmeticsAndWords() throws {
    let script = try Command("--generate-completion-script", "bash").output
    for (word, commands) in [("sink-attention", 6), ("tf32", 6), ("ill-conditioned", 2), ("accumulated", 1)] {
      #expect(script.matches(of: try Regex("(?m)['\\s]\(word)'")).count >= commands, "\(word)")
    }
  }

  @Test func aMarginOfOneIsSaidToBeWithin() throws {
    // A sum of two numbers is rounded once, and a tie reaches the bound.
    let fuzz = try Command("fuzz", "residual-add", "--cases", "400")
    #expect(fuzz.status == 0 && fuzz.output.contains(" 1.000 "))
    #expect(fuzz.output.contains("\nA margin of 1 is within, and no near miss: 'plumb explain margin' says why.\n"))
    // A copy has a bound of 0, and is exact.
    let other = try Command("fuzz", "relu", "--cases", "40")
    #expect(other.status == 0 && !other.output.contains("no near miss"))
  }

  @Test(arguments: [("margn", "margin"), ("outsid", "outside"), ("exact  value", "exact value")])
  func explainNamesTheNearestWord(term: String, nearest: String) throws {
    let command = try Command("explain", term)
    #expect(command.status == 2 && command.output.isEmpty)
    #expect(command.errors.contains("did you mean '\(nearest)'?") && command.errors.split(separator: "\n").count == 1)
  }

  @Test(
    arguments: [("ulps", "ulp: "), ("max ulps", "ulp: "), ("margins", "margin: "), ("outside the domain", "domain: ")])
  func explainKnowsTheFormsOfReports(words: String, start: String) throws {
    let command = try Command("explain", words)
    #expect(command.status == 0 && command.output.hasPrefix(start))
  }

  /// A word that is like none is said to be none, not to be another.
  @Test func explainNamesNothingFar() throws {
    let command = try Command("explain", "foo")
    #expect(command.status == 2 && !command.errors.contains("did you mean"))
  }

  @Test func misspelledNamesAreRecognised() throws {
    let layer = try Command("fuzz", "rmsnorm", "--cases", "1")
    #expect(layer.status == 2 && layer.errors.contains("There is no layer 'rmsnorm': did you mean 'rms-norm'?"))
    #expect(layer.errors.utf8.count < 400)
    for (name, meant) in [("fp32", "f32"), ("bfloat16", "bf16"), ("half", "f16"), ("BF16", "bf16")] {
      let fuzz = try Command("fuzz", "relu", "--cases", "1", "--engine", "cat", "--arithmetic", name)
      #expect(fuzz.status == 2 && fuzz.errors.contains("no arithmetic '\(name)': did you mean '\(meant)'?"))
    }
  }

  @Test func doctorNamesWhatIsUsed() throws {
    for set in Engine.InstructionSet.supported {
      let forced = try Command(["doctor", "--json"], environment: ["PLUMB_ISA": set.rawValue])
      let object = try #require(try JSONSerialization.jsonObject(with: Data(forced.output.utf8)) as? [String: Any])
      #expect(object["instructionSet"] as? String == set.rawValue && object["isForced"] as? Bool == true)
      #expect(object["instructionSets"] as? [String] == Engine.InstructionSet.supported.map(\.rawValue))
    }
    let plain = try Command("doctor")
    #expect(plain.status == 0 && plain.lines.count == 7 && plain.output.contains(/GMP +\d+\.\d+/))
    let wrong = try Command(["doctor"], environment: ["PLUMB_ISA": "mmx"])
    #expect(wrong.status == 2 && wrong.output.isEmpty && wrong.errors.contains("PLUMB_ISA"))
  }

  /// On a terminal a failure is two lines, one above the other, and elsewhere a sentence: the numbers are the same.
  @Test func failuresAreADifferenceOnATerminal() throws {
    let engine = "python3 \(Self.root.appending(path: "Tests/Examples/engine.py").path(percentEncoded: false))"
    let call = ["fuzz", "relu", "--cases", "1", "--shrinking-time", "600", "--engine", engine]
    let piped = try Command(call)
    #expect(piped.status == 1 && !piped.output.contains("\u{1B}"))
    let terminal = try Terminal(call, environment: ["TERM": "xterm", "NO_COLOR": ""])
    #expect(terminal.status == 1 && terminal.output.contains("\u{1B}[1;31m- "))
    let sentence = try #require(piped.output.firstMatch(of: /yours (\S+), exact (\S+), bound ([^\s,]+)/))
    #expect(terminal.output.contains("- \(sentence.1)\u{1B}[0m  yours"))
    #expect(terminal.output.contains("+ \(sentence.2)\u{1B}[0m  exact, bound \(sentence.3)"))
    let plain = try Terminal(call, environment: ["TERM": "xterm", "NO_COLOR": "1"])
    #expect(plain.output == piped.output)
    for output in [piped.output, terminal.output] { #expect(output.contains("\nNext: mend the kernel")) }
  }
}
