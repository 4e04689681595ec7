package dev.sinter.compiler.tune;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.measure.JitQueue;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.passes.Rehearsal;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Ways to do the same, compiled together, which take turns until it is known which is the fastest.
///
/// The first is the one that is kept unless another is faster by more than chance: turn by turn,
/// the lower bound of the ratio of the times has to be above [#GAIN].
final class Contest implements AutoCloseable {
  /// What is faster by less is not worth an entry that has to be read and kept.
  static final double GAIN = 1.03;

  /// A turn repeats what takes less, in nanoseconds: the clock and a call cost next to nothing
  /// then.
  private static final double LEAST = 1e6;

  /// The most repeats of a turn.
  private static final int MOST_REPEATS = 4096;

  /// What takes no more than this of the best time so far has got faster by being compiled; chance
  /// alone does not do that much.
  private static final double FASTER = 0.67;

  /// How long nothing may have got faster, and the JIT have had nothing to do with any of it,
  /// before anything counts, in seconds.
  private static final double QUIET = 0.3;

  /// How often each has to have run by then, for the JIT to have asked for all its methods, or for
  /// how long, in seconds, as long loops are compiled while they run.
  private static final int RUNS = 800;

  private static final double SPENT = 0.7;

  /// What is slower than this is not compiled: operations a nanosecond. Tiles reach 30 and more,
  /// the interpreter a hundredth of one.
  private static final double COMPILED = 0.5;

  /// What a launch may take besides, in nanoseconds.
  private static final double LAUNCH = 5_000;

  /// How often the JIT is asked whether it works, in milliseconds.
  private static final long GLANCE = 20;

  private static final int FEWEST = 9;
  private static final int MOST = 301;

  /// Turns of the winner and the first alone, which have to say the same.
  private static final int DUEL = 41;

  private final Model model;
  private final String compiled;
  private final Session session;
  private final boolean alone;
  private final List<String> ways = new ArrayList<>();
  private final Map<Integer, Map<String, Tensor>> arguments = new LinkedHashMap<>();

  private Contest(Model model, String compiled, int threads) {
    this.model = model;
    this.compiled = compiled;
    this.session = model.session(threads);
    this.alone =
        threads == 1 && ManagementFactory.getThreadMXBean().isCurrentThreadCpuTimeSupported();
    model.spec().entries().forEach(entry -> ways.add(entry.name()));
  }

  /// Compiles the ways.
  ///
  /// @param programs of [Rehearsal#programs]
  static Contest of(ProgramSet programs, int threads) {
    CompiledModel compiled = new Compiler(CompileOptions.DEFAULT).compile(programs);
    return new Contest(compiled.load(Map.of()), compiled.jar().names().packageName(), threads);
  }

  /// How it ended.
  ///
  /// @param winner the number of the fastest way
  /// @param before how long the first takes, in nanoseconds
  /// @param after how long the winner takes, as much less as it was faster turn by turn
  record Result(int winner, double before, double after) {}

  /// Who is the fastest; nobody knows where the JIT was not done with the first in time.
  ///
  /// @param flops the operations of the part, by which it is seen what is compiled
  /// @param warmBy when all have to be warm, by the clock of [System#nanoTime]
  /// @param end when the turns end, after a few at least
  Optional<Result> decide(double flops, long warmBy, long end) {
    int[] repeats = new int[ways.size()];
    List<Integer> racing = warm(repeats, LAUNCH + flops / COMPILED, warmBy);
    if (!racing.contains(0)) {
      return Optional.empty();
    }
    double[][] taken = new double[ways.size()][MOST];
    int turns = 0;
    while (turns < MOST && racing.size() > 1 && (turns < FEWEST || System.nanoTime() < end)) {
      turn(racing, repeats, taken, turns);
      turns++;
      int done = turns;
      if (turns >= FEWEST) {
        racing.removeIf(way -> way != 0 && ratio(taken, way, done).high() < 1);
        if (racing.stream().allMatch(way -> way == 0 || isCertain(ratio(taken, way, done)))) {
          break;
        }
      }
    }
    int winner = 0;
    double most = 1;
    for (int way : racing) {
      Middle ratio = way == 0 ? new Middle(1, 1, 1) : ratio(taken, way, turns);
      if (ratio.low() > GAIN && ratio.median() > most) {
        winner = way;
        most = ratio.median();
      }
    }
    return Optional.of(duel(winner, repeats));
  }

  /// Lets the winner and the first take turns again: the winner's methods may have been compiled
  /// before the first's.
  private Result duel(int winner, int[] repeats) {
    double[][] taken = new double[ways.size()][DUEL];
    List<Integer> both = winner == 0 ? List.of(0) : List.of(0, winner);
    for (int turn = 0; turn < DUEL; turn++) {
      turn(both, repeats, taken, turn);
    }
    double before = Middle.of(taken[0]).median();
    Middle ratio = ratio(taken, winner, DUEL);
    return winner != 0 && ratio.low() > GAIN
        ? new Result(winner, before, before / ratio.median())
        : new Result(0, before, before);
  }

  private void turn(List<Integer> racing, int[] repeats, double[][] taken, int turn) {
    for (int i = 0; i < racing.size(); i++) {
      int way = racing.get((i + turn) % racing.size());
      taken[way][turn] = time(way, repeats[way]);
    }
  }

  private static boolean isCertain(Middle ratio) {
    return ratio.low() > GAIN || ratio.high() < GAIN;
  }

  /// How many times as long the first takes, turn by turn.
  private static Middle ratio(double[][] taken, int way, int turns) {
    double[] ratios = new double[turns];
    Arrays.setAll(ratios, turn -> taken[0][turn] / taken[way][turn]);
    return Middle.of(ratios);
  }

  /// Runs all by turns until they are compiled, or the time is over; those that are.
  ///
  /// @param repeats gets how often a turn repeats each way
  /// @param most what takes longer is not compiled
  private List<Integer> warm(int[] repeats, double most, long warmBy) {
    // Not for all of the time: the first are compiled first, and may be enough.
    awaitJit(System.nanoTime() + (warmBy - System.nanoTime()) / 2);
    double[] best = new double[repeats.length];
    double[] spent = new double[repeats.length];
    long[] runs = new long[repeats.length];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    Arrays.fill(repeats, 1);
    long since = System.nanoTime();
    while (System.nanoTime() < warmBy && System.nanoTime() - since < QUIET * 1e9) {
      for (int way = 0; way < repeats.length; way++) {
        if (best[way] > most && runs[way] > 0 && JitQueue.holds(compiled)) {
          since = System.nanoTime();
          continue;
        }
        double taken = time(way, repeats[way]);
        runs[way] += repeats[way];
        spent[way] += taken * repeats[way] / 1e9;
        boolean done = runs[way] >= RUNS || spent[way] >= SPENT;
        if (taken < FASTER * best[way] || !done || JitQueue.holds(compiled)) {
          since = System.nanoTime();
        }
        best[way] = Math.min(best[way], taken);
        // Powers of two, since a session keeps what it has bound for each number.
        repeats[way] =
            Math.clamp(Long.highestOneBit((long) (2 * LEAST / best[way])), 1, MOST_REPEATS);
      }
    }
    List<Integer> warm = new ArrayList<>();
    for (int way = 0; way < repeats.length; way++) {
      if (best[way] <= most && (runs[way] >= RUNS || spent[way] >= SPENT)) {
        warm.add(way);
      }
    }
    return warm;
  }

  /// Waits until the JIT has done with what a model has it compile when it is loaded: until then
  /// each run would take the interpreter a second.
  private void awaitJit(long end) {
    long since = System.nanoTime();
    while (System.nanoTime() - since < QUIET * 1e9 && System.nanoTime() < end) {
      try {
        Thread.sleep(GLANCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (JitQueue.holds(compiled)) {
        since = System.nanoTime();
      }
    }
  }

  /// Nanoseconds of one repeat: of this thread's own time if it works alone, so that other work of
  /// the machine does not count.
  private double time(int way, int repeats) {
    Map<String, Tensor> times =
        arguments.computeIfAbsent(repeats, n -> Map.of(Rehearsal.TURNS, Tensor.zeros(DType.U8, n)));
    long start = now();
    session.run(ways.get(way), times, Map.of());
    return (now() - start) / (double) repeats;
  }

  private long now() {
    return alone
        ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  @Override
  public void close() {
    session.close();
    model.close();
  }
}
