package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.Verifier;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.DiagnosticException;
import java.util.List;

/// Runs passes one after the other, verifies what each made, and tells a watcher of every graph
/// that is another than before.
final class Pipeline {
  private final List<Pass> passes;
  private final Watcher watcher;

  Pipeline(List<Pass> passes, Watcher watcher) {
    this.passes = passes;
    this.watcher = watcher;
  }

  Graph run(Graph graph) {
    Graph now = graph;
    for (Pass pass : passes) {
      Graph next;
      try {
        next = pass.run().apply(now);
      } catch (CompilerBug | DiagnosticException e) {
        throw e;
      } catch (RuntimeException e) {
        throw new CompilerBug(pass.name(), String.valueOf(e.getMessage()), null, e);
      }
      if (!next.equals(now)) {
        new Verifier(pass.name(), false).verify(next);
        watcher.changed(pass.name(), next);
      }
      now = next;
    }
    return now;
  }
}
