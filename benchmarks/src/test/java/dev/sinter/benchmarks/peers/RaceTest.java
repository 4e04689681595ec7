package dev.sinter.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.compiler.tune.Middle;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RaceTest {
  /// Counts its runs, which take no time.
  private record Counting(String name, List<String> runs) implements Contestant {
    @Override
    public void run() {
      runs.add(name);
    }

    @Override
    public Map<String, Tensor> results() {
      return Map.of();
    }

    @Override
    public void close() {}
  }

  @Test
  void allTakeTurns() {
    List<String> runs = new ArrayList<>();
    Race.Result result =
        Race.run(
            new Counting("ours", runs),
            List.of(new Counting("first", runs), new Counting("second", runs)),
            0.01);

    assertThat(runs).contains("ours", "first", "second");
    assertThat(result.times()).containsOnlyKeys("first", "second");
  }

  @Test
  void theBestPeerIsTheFastest() {
    Middle one = new Middle(1, 1, 1);
    Middle two = new Middle(2, 2, 2);
    Race.Result result =
        new Race.Result(
            one, List.of(new Race.Peer("slow", two, two), new Race.Peer("fast", one, one)));

    assertThat(result.best().name()).isEqualTo("fast");
  }

  @Test
  void aMedianLiesBetweenItsBounds() {
    Middle middle = Middle.of(new double[] {5, 1, 4, 2, 3, 6, 9, 7, 8});

    assertThat(middle.median()).isEqualTo(5, within(0.0));
    assertThat(middle.low()).isEqualTo(2, within(0.0));
    assertThat(middle.high()).isEqualTo(8, within(0.0));
  }
}
