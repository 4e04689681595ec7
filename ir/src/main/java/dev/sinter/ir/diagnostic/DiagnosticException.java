package dev.sinter.ir.diagnostic;

import java.io.Serial;
import java.util.List;
import java.util.stream.Collectors;

/// Faults of the user's that ended a stage: to be rendered, never shown as a stack trace.
public final class DiagnosticException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient List<Diagnostic> diagnostics;

  public DiagnosticException(List<Diagnostic> diagnostics) {
    super(diagnostics.stream().map(Diagnostic::toString).collect(Collectors.joining("\n")));
    this.diagnostics = List.copyOf(diagnostics);
  }

  public DiagnosticException(Diagnostic diagnostic) {
    this(List.of(diagnostic));
  }

  /// The faults, in the order in which they were found; at least one is an error.
  public List<Diagnostic> diagnostics() {
    return diagnostics;
  }
}
