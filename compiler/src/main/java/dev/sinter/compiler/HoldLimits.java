package dev.sinter.compiler;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Training;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.runtime.MemoryNeed;
import dev.sinter.runtime.Program;
import java.util.Map;
import java.util.Optional;

/// `limit memory 64 MiB`, `limit jar 5 MiB`: a model that takes more is not built. What a call
/// takes whose sizes are not known yet is checked when it is made.
final class HoldLimits {
  private HoldLimits() {}

  /// Holds the entries whose sizes are known to the limit on memory.
  static void memory(CompiledModel compiled) {
    Optional<Contracts.Limit> limit = compiled.graph().contracts().limit(Contracts.Resource.MEMORY);
    if (limit.isEmpty()) {
      return;
    }
    Diagnostics diagnostics = new Diagnostics();
    Program program = compiled.program();
    Map<String, Long> sizes =
        compiled
            .graph()
            .training()
            .map((Training t) -> Map.of(t.batchSymbol(), t.batchSize()))
            .orElse(Map.of());
    for (int i = 0; i < compiled.spec().entries().size(); i++) {
      String entry = compiled.spec().entries().get(i).name();
      MemoryNeed.of(program, i, sizes)
          .filter(need -> need.total() > limit.get().bytes())
          .ifPresent(need -> diagnostics.report(exceeded(limit.get(), entry + " takes " + need)));
    }
    diagnostics.throwIfErrors();
  }

  /// Holds a JAR of so many bytes to the limit.
  static void jar(Contracts contracts, long bytes) {
    contracts
        .limit(Contracts.Resource.JAR)
        .filter(limit -> bytes > limit.bytes())
        .ifPresent(limit -> {
          throw new DiagnosticException(
              exceeded(limit, "the JAR has " + bytes + " bytes")
                  .help("write the weights beside it: `--weights-beside`"));
        });
  }

  private static Diagnostic exceeded(Contracts.Limit limit, String message) {
    return Diagnostic.error(DiagnosticCode.LIMIT_EXCEEDED, limit.place(), message)
        .note("it may have " + limit.bytes() + " bytes");
  }
}
