package dev.sinter.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// How a command answers: on stdout, for people or, with `--json`, as exactly one JSON document;
/// everything said on the way goes to stderr.
final class Answer {
  static final String JSON = "--json";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(names = JSON, description = "Answer as one JSON document, for programs.")
  private boolean json;

  /// Whether a program reads the answer.
  boolean isJson() {
    return json;
  }

  /// Answers with a document, whose first part is `schema`, or the same for people.
  int give(Object document, String text) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(Json.text(document));
    } else {
      out.print(text);
    }
    out.flush();
    return ExitCode.OK.number();
  }

  /// Where to write what is said on the way.
  PrintWriter notes() {
    return command.commandLine().getErr();
  }

  /// A line for people that read along.
  void note(String line) {
    notes().println(line);
    notes().flush();
  }
}
