package dev.sinter.compiler.tune;

import dev.sinter.compiler.KnownSizes;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.passes.MathMode;
import dev.sinter.passes.Passes;
import dev.sinter.passes.Watcher;
import dev.sinter.passes.WeightStorage;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ScheduleTable;
import java.util.List;
import java.util.Map;

/// The parts of a model that a tuner would measure.
final class Rehearsed {
  private Rehearsed() {}

  /// Its products, of typical sizes.
  static List<Work> products(ModelGraph model) {
    ProgramSet set =
        Passes.lower(
            model,
            Schedules::lower,
            ScheduleTable.EMPTY,
            MathMode.FAST,
            WeightStorage.F32,
            Watcher.NONE);
    List<KnownSizes> sizes =
        set.entries().stream().map(entry -> KnownSizes.of(entry, Map.of())).toList();
    return Work.of(set, Tuner.tier(), sizes);
  }
}
