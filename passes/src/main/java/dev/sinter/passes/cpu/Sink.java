package dev.sinter.passes.cpu;

import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.ArrayList;
import java.util.List;

/// Moves each local of a turn to where it is first read, so that few of them live at a time.
///
/// Before: `a0 = ..; a1 = ..; s0 = fma(a0, b, s0); s1 = fma(a1, b, s1)`. After: `a0 = ..; s0 =
/// fma(a0, b, s0); a1 = ..; s1 = fma(a1, b, s1)`.
final class Sink {
  private Sink() {}

  /// Sinks the locals of `turn`, if there is nothing in it but locals and new values of others.
  static void locals(List<Statement> turn) {
    if (!turn.stream().allMatch(s -> s instanceof Statement.Let || s instanceof Statement.Assign)) {
      return;
    }
    List<Statement> sunk = new ArrayList<>();
    for (Statement statement : turn.reversed()) {
      sunk.add(statement instanceof Statement.Let let ? place(let, sunk) : 0, statement);
    }
    turn.clear();
    turn.addAll(sunk);
  }

  /// The first of `statements` that reads `local` or gives what it is made of a new value; the
  /// first of all if none does.
  private static int place(Statement.Let local, List<Statement> statements) {
    for (int i = 0; i < statements.size(); i++) {
      boolean reads =
          switch (statements.get(i)) {
            case Statement.Let let -> let.value().reads(local.name());
            case Statement.Assign assign ->
                assign.value().reads(local.name()) || local.value().reads(assign.name());
            default -> false;
          };
      if (reads) {
        return i;
      }
    }
    return 0;
  }
}
