package dev.sinter.cli;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticRenderer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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

  private final List<FaultDocument.Entry> warnings = new ArrayList<>();

  /// Whether a program reads the answer.
  boolean isJson() {
    return json;
  }

  /// Answers with a document, whose first part is `schema`, or the same for people.
  int give(Object document, String text) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(Json.text(document, warnings));
    } else {
      out.print(text);
    }
    out.flush();
    return ExitCode.OK.number();
  }

  /// A warning of the user's text: for people at once, for programs with the answer, as
  /// `diagnostics`. Each is said once.
  void warn(Diagnostic warning) {
    FaultDocument.Entry entry = FaultDocument.Entry.of(warning);
    if (!warnings.contains(entry)) {
      warnings.add(entry);
      notes().println(new DiagnosticRenderer(Terminal.takesColours()).render(warning));
      notes().flush();
    }
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
