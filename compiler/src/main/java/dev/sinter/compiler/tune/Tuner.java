package dev.sinter.compiler.tune;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.HoldTurns;
import dev.sinter.compiler.InputShapes;
import dev.sinter.compiler.KnownSizes;
import dev.sinter.compiler.measure.Convolutions;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.passes.Passes;
import dev.sinter.passes.Rehearsal;
import dev.sinter.passes.Rehearsal.Way;
import dev.sinter.passes.Watcher;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.Asked;
import dev.sinter.passes.tuning.Candidates;
import dev.sinter.passes.tuning.Choices;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ProductTile;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.KernelTier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds the schedules with which a model is fastest on this machine, within a time.
///
/// First the ways to do the convolutions that have several, then the tiles of all products, each
/// time the costliest first. Each part of the model runs alone, in memory that lies as it would
/// within the model, once by each schedule in turn; what it has by the estimate stays unless
/// another is faster by more than chance.
///
/// @param model the model
/// @param options how it is compiled; its schedules are not asked
/// @param shapes the sizes of inputs that the model leaves open
/// @param threads on how many threads the model will run
/// @param seconds how long it may take, about
/// @param again whether parts that the table knows are measured again
/// @param listener hears what was found
public record Tuner(
    ModelGraph model,
    CompileOptions options,
    InputShapes shapes,
    int threads,
    double seconds,
    boolean again,
    Listener listener) {
  /// No part gets less, so that its methods can be compiled, in seconds.
  private static final double LEAST = 5;

  /// The seconds that a tile more is worth: a method of its own that has to be compiled.
  private static final double TILE = 0.8;

  /// The fewest and the most tiles that are measured.
  private static final int FEWEST = 3;

  private static final int MOST = 6;

  /// Of the time that a part gets, the share that it has to be warm in.
  private static final double WARM = 0.7;

  /// How long the first part may take to be warm, whatever the time, in seconds: something should
  /// be found.
  private static final double FIRST = 30;

  /// The share of the time for convolutions that have several ways.
  private static final double WAYS = 0.5;

  /// @throws dev.sinter.ir.diagnostic.DiagnosticException if no input can have the sizes given, or
  ///   the model cannot be compiled with these options
  public Tuner {
    shapes.check(model.entries());
    model = HoldTurns.in(model, options.mostTurns());
  }

  /// Hears of what is found while it is.
  public interface Listener {
    /// Sizes that nobody gave were taken for [KnownSizes#TYPICAL].
    void assumed(List<String> symbols, long size);

    /// A part was measured.
    ///
    /// @param table what is known now, this included
    void measured(Measured part, ScheduleTable table);

    /// Nothing was found out about a part: the JIT was not done with it in time.
    void unknown(String part);
  }

  /// The tier that this JVM runs; only its schedules are measured.
  public static CpuTier tier() {
    return CpuTier.of(KernelTier.choose("tune"));
  }

  /// Measures what the time allows, and tries one part at least if there is one.
  ///
  /// @param known what was measured before
  /// @return that and what was found
  public ScheduleTable tune(ScheduleTable known) {
    return new Run(known).run();
  }

  /// One tuning, as far as it has come.
  private final class Run {
    private final CpuTier tier = tier();
    private final long start = System.nanoTime();
    private final Set<String> told = new HashSet<>();
    private ScheduleTable table;
    private boolean tried;

    Run(ScheduleTable known) {
      table = known;
    }

    ScheduleTable run() {
      ways();
      tiles();
      return table;
    }

    private void ways() {
      Asked asked = new Asked(table);
      lower(asked);
      List<Map.Entry<ConvolutionShape, Long>> open =
          Convolutions.of(asked).stream()
              .filter(c -> again || table.way(c.getKey()).isEmpty())
              .toList();
      Budget budget =
          new Budget(
              open.stream().mapToDouble(c -> Convolutions.flops(c.getKey()) * c.getValue()).sum(),
              start + nanos(WAYS * seconds));
      for (var convolution : open) {
        ConvolutionShape shape = convolution.getKey();
        double flops = Convolutions.flops(shape) * convolution.getValue();
        long end = budget.end(flops);
        if (end == 0) {
          return;
        }
        Map<ConvolutionWay, Way> ways = new LinkedHashMap<>();
        ConvolutionWay before = Convolutions.estimated(shape);
        ways.put(before, way(shape, before));
        for (ConvolutionWay way : ConvolutionWay.values()) {
          ways.computeIfAbsent(way, w -> way(shape, w));
        }
        List<ConvolutionWay> names = List.copyOf(ways.keySet());
        decide(List.copyOf(ways.values()), shape, Convolutions.flops(shape), end)
            .ifPresent(done -> {
              table = table.with(shape, names.get(done.winner()));
              tell(shape, convolution.getValue(), names, done);
            });
      }
    }

    private Way way(ConvolutionShape shape, ConvolutionWay way) {
      return Rehearsal.graph(Convolutions.graph(shape), table.with(shape, way));
    }

    private void tiles() {
      ProgramSet set = lower(table);
      List<KnownSizes> sizes = set.entries().stream().map(this::sizes).toList();
      List<Work> open =
          Work.of(set, tier, sizes).stream()
              .filter(w -> again || table.tile(w.shape()).isEmpty())
              .toList();
      Budget budget =
          new Budget(open.stream().mapToDouble(Work::flops).sum(), start + nanos(seconds));
      for (Work work : open) {
        long end = budget.end(work.flops());
        if (end == 0) {
          return;
        }
        long most = (long) ((end - System.nanoTime()) / 1e9 / TILE);
        List<ProductTile> tiles = Candidates.of(work.shape(), Math.clamp(most, FEWEST, MOST));
        List<Way> ways = new ArrayList<>();
        for (ProductTile tile : tiles) {
          ways.add(
              Rehearsal.launch(
                  work.program(),
                  work.launch(),
                  work.kernel(),
                  work.sizes().values(),
                  ScheduleTable.EMPTY.with(work.shape(), tile)));
        }
        decide(ways, work.shape(), work.flops() / work.uses(), end)
            .ifPresent(done -> {
              table = table.with(work.shape(), tiles.get(done.winner()));
              tell(work.shape(), work.uses(), tiles, done);
            });
      }
    }

    private ProgramSet lower(Choices choices) {
      return Passes.lower(
          model, Schedules::lower, choices, options.math(), options.storage(), Watcher.NONE);
    }

    private KnownSizes sizes(Program program) {
      KnownSizes sizes =
          KnownSizes.of(program, shapes.of(model.entry(program.name()).orElseThrow()));
      List<String> news = sizes.assumed().stream().filter(told::add).toList();
      if (!news.isEmpty()) {
        listener.assumed(news, KnownSizes.TYPICAL);
      }
      return sizes;
    }

    private Optional<Contest.Result> decide(List<Way> ways, Object part, double flops, long end) {
      ProgramSet programs = Rehearsal.programs(ways, tier, Schedules::lower);
      long now = System.nanoTime();
      long warmBy = tried ? now + (long) (WARM * (end - now)) : now + nanos(FIRST);
      tried = true;
      try (Contest contest = Contest.of(programs, threads)) {
        Optional<Contest.Result> done = contest.decide(flops, warmBy, end);
        if (done.isEmpty()) {
          listener.unknown(part.toString());
        }
        return done;
      }
    }

    private void tell(Object part, long uses, List<?> names, Contest.Result done) {
      listener.measured(
          new Measured(
              part.toString(),
              uses,
              names.getFirst().toString(),
              names.get(done.winner()).toString(),
              done.before() / 1e6,
              done.after() / 1e6),
          table);
    }

    private static long nanos(double seconds) {
      return (long) (seconds * 1e9);
    }

    /// Divides the time that is left among parts by what they cost.
    private final class Budget {
      private final long deadline;
      private double open;

      Budget(double flops, long deadline) {
        this.open = flops;
        this.deadline = deadline;
      }

      /// When the next part has to end, by the clock; 0 if there is no time for it.
      long end(double flops) {
        long now = System.nanoTime();
        double share = open > 0 ? flops / open : 1;
        open -= flops;
        if (now > deadline && tried) {
          return 0;
        }
        return now + Math.max(nanos(LEAST), (long) (share * Math.max(0, deadline - now)));
      }
    }
  }
}
