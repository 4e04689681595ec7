package dev.sinter.ir.diagnostic;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Gathers the diagnostics of one compilation, each only once, and only so many.
///
/// A stage reports here and goes on where it can; whoever runs the stage calls [#throwIfErrors] at
/// its end.
public final class Diagnostics {
  private static final int DEFAULT_LIMIT = 100;

  private final int limit;
  private final List<Diagnostic> all = new ArrayList<>();
  private final Set<Diagnostic> seen = new HashSet<>();
  private boolean errors;
  private boolean overflowed;

  public Diagnostics() {
    this(DEFAULT_LIMIT);
  }

  /// @param limit how many are kept; one more says that there were others
  public Diagnostics(int limit) {
    this.limit = limit;
  }

  /// Keeps `diagnostic`, unless the same was reported before or the limit is reached.
  public void report(Diagnostic diagnostic) {
    errors |= diagnostic.severity() == Severity.ERROR;
    if (all.size() < limit) {
      if (seen.add(diagnostic)) {
        all.add(diagnostic);
      }
    } else if (!overflowed) {
      overflowed = true;
      all.add(
          Diagnostic.error(
              DiagnosticCode.TOO_MANY_DIAGNOSTICS,
              diagnostic.span(),
              "there are more than " + limit + " diagnostics; the rest is left out"));
    }
  }

  /// Whether an error was reported.
  public boolean hasErrors() {
    return errors;
  }

  /// Whether the limit was passed: a stage may as well stop.
  public boolean isFull() {
    return overflowed;
  }

  /// All of them in the order in which they were reported.
  public List<Diagnostic> list() {
    return List.copyOf(all);
  }

  /// Ends a stage: throws what was gathered if an error is among it.
  public void throwIfErrors() {
    if (errors) {
      throw new DiagnosticException(list());
    }
  }
}
