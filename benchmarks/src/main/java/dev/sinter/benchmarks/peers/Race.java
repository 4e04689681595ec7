package dev.sinter.benchmarks.peers;

import com.sun.management.OperatingSystemMXBean;
import dev.sinter.benchmarks.cold.WarmingUp;
import dev.sinter.compiler.tune.Middle;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Contestants side by side: they take turns, so that what else the machine does falls on both.
final class Race {
  /// A turn repeats what takes less, in nanoseconds.
  private static final long LEAST = 20_000_000;

  /// Before each turn no thread may have worked for so long, in milliseconds: those of the one
  /// before spin when they have nothing to do, ONNX Runtime's for 50 ms, and would take a core from
  /// the next.
  private static final long REST = 50;

  /// What the process may use of a processor meanwhile, in nanoseconds: Linux counts in such steps.
  private static final long IDLE = 10_000_000;

  private static final long LONGEST_REST = 1_000_000_000;

  private static final int FEWEST = 9;
  private static final int MOST = 400;

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Race() {}

  /// How long a run took, in milliseconds.
  ///
  /// @param peers empty if there was nobody to race with
  record Result(Middle ours, List<Peer> peers) {
    Result {
      peers = List.copyOf(peers);
    }

    /// The fastest of the peers, of which there is one at least.
    Peer best() {
      return Collections.min(peers, Comparator.comparingDouble(p -> p.time().median()));
    }

    /// The peers' times.
    Map<String, Double> times() {
      Map<String, Double> times = new LinkedHashMap<>();
      peers.forEach(peer -> times.put(peer.name(), peer.time().median()));
      return times;
    }
  }

  /// A peer's time, and how much longer it took than Sinter, turn by turn.
  record Peer(String name, Middle time, Middle ratio) {}

  /// Warms all up, then lets them take turns.
  ///
  /// @param seconds how long each part takes, about
  static Result run(Contestant ours, List<? extends Contestant> peers, double seconds) {
    List<Contestant> all = new ArrayList<>();
    all.add(ours);
    all.addAll(peers);
    int count = all.size();
    int[] repeats = new int[count];
    for (int i = 0; i < count; i++) {
      repeats[i] = warm(all.get(i), seconds);
    }
    double[][] taken = new double[count][MOST];
    long end = System.nanoTime() + (long) (2 * seconds * 1e9);
    int turns = 0;
    while (turns < MOST && (turns < FEWEST || System.nanoTime() < end)) {
      for (int i = 0; i < count; i++) {
        int who = (i + turns) % count;
        rest();
        taken[who][turns] = time(all.get(who), repeats[who]) / 1e6;
      }
      turns++;
    }
    double[] own = Arrays.copyOf(taken[0], turns);
    List<Peer> results = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      double[] times = Arrays.copyOf(taken[i], turns);
      double[] ratios = new double[turns];
      Arrays.setAll(ratios, turn -> times[turn] / own[turn]);
      results.add(new Peer(all.get(i).name(), Middle.of(times), Middle.of(ratios)));
    }
    return new Result(Middle.of(own), results);
  }

  /// Runs until the JIT has done with it; how many runs a turn has to have.
  ///
  /// @param seconds how long nothing has to have got faster
  static int warm(Contestant contestant, double seconds) {
    WarmingUp warmingUp = new WarmingUp(seconds);
    do {
      warmingUp.took(time(contestant, 1));
    } while (!warmingUp.isOver());
    return (int) Math.max(1, Math.ceil(LEAST / warmingUp.best()));
  }

  private static void rest() {
    long end = System.nanoTime() + LONGEST_REST;
    long used;
    do {
      long before = PROCESS.getProcessCpuTime();
      try {
        Thread.sleep(REST);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      used = PROCESS.getProcessCpuTime() - before;
    } while (used > IDLE && System.nanoTime() < end);
  }

  /// Nanoseconds of one run.
  private static double time(Contestant contestant, int repeats) {
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      contestant.run();
    }
    return (System.nanoTime() - start) / (double) repeats;
  }
}
