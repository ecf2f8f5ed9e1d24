import Foundation
import PackagePlugin

/// The plugin that writes the commit from which the command is built into its sources.
///
/// It runs again when the history of `HEAD` grows. Where there is none, as in an archive of sources, the commit is empty rather
/// than one that may be stale.
@main struct Commit: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
    let folder = context.package.directoryURL
    let history = folder.appending(path: ".git/logs/HEAD")
    let isThere = FileManager.default.fileExists(atPath: history.path(percentEncoded: false))
    let output = context.pluginWorkDirectoryURL.appending(path: "Commit.swift")
    let script = """
      name=""
      if [ -e "$1" ]; then name=$(git -C "$0" rev-parse --short=12 HEAD 2>/dev/null) || name=""; fi
      printf '/// The commit from which the command is built; empty where it is not known.\\nlet commit = "%s"\\n' "$name" > "$2"
      """
    return [
      .buildCommand(
        displayName: "Naming the commit", executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", script] + [folder, history, output].map { $0.path(percentEncoded: false) },
        inputFiles: isThere ? [history] : [], outputFiles: [output])
    ]
  }
}
