package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.Samples;
import dev.sinter.dsl.Text;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.testkit.Tier;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Programs with words exchanged, which mostly parse, give diagnostics or graphs that the verifier
/// accepts, and never an exception.
class ElaborateMutantsTest {
  private static final Pattern WORD =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9_.]*|[-+*/%]|[<>=!]=|\\|>");
  private static final List<String> NUMBERS = List.of("0", "1", "2", "3", "7", "1.5", "100_000");

  private static final String SMALL =
      """
      module Cell[I -> H] {
        input = Linear[I -> 2 * H]
        state count: i32[] = 0
        key k
        fn (x: f32[N, T, I], start: f32[N, H]) -> (y: f32[N, T, H], last: f32[N, H]) {
          last, ys = scan (x_t in rearrange{n t h -> t n h}(input(x)), i in 0..T) with (h = start) {
            a, b = split(x_t, parts = 2)
            h1 = tanh(a + h) * sigmoid(b) + f32(i) * 0.1
            next h = h1
            emit h1
          }
          next count = count + 1 when training
          return (rearrange{t n h -> n t h}(ys), last)
        }
      }

      model Net(width: int = 4, classes: int = 3) {
        D = 2 * width
        cell = Cell[5 -> D]
        body = [Linear[D -> D] for i in 0..2] |> LayerNorm[D] |> Dropout(p = 0.2) |> relu
        head = Linear[D -> classes] when classes > 0
        fn (x: f32[N, 5, T]) -> (logits: f32[N, classes]) where (T >= 2) {
          zero: f32[N, D] = zeros()
          y, last = cell(rearrange{n i t -> n t i}(x), zero)
          z[n, d] = max(y[n, t, d] for t)
          return if width > 2 then (z + last) |> body |> head else head(last[:, 0..D])
        }
      }

      train Fit(rate: float = 1e-3) {
        net = Net(width = 4)
        data (x: f32[N, 5, 6], label: i32[N]) batch N = 8
        freeze net.cell
        step {
          key k
          noise: f32[N, 5, 6] = normal(key = k)
          minimize cross_entropy(net(x + noise), label)
            over net with clip_norm(1.0) |> AdamW(lr = rate) over net.head.bias with Sgd(lr = rate)
        }
        metric accuracy = accuracy(net(x), label)
      }
      """;

  @Test
  void giveNoException() {
    List<String> texts =
        List.of(SMALL, text("03_lstm"), text("05_dcgan"), text("08_custom"), SMALL);
    int cases = Tier.current().cases(150, 10_000);
    for (int seed = 0; seed < cases; seed++) {
      String mutant = mutate(texts.get(seed % texts.size()), new Random(seed));
      try {
        new Text(mutant, Map.of()).said();
      } catch (RuntimeException | StackOverflowError fault) {
        throw new AssertionError("seed " + seed + " gives " + fault + " for\n" + mutant, fault);
      }
    }
  }

  private static String text(String name) {
    return Samples.all().stream()
        .filter(s -> s.name().startsWith(name))
        .map(SourceText::text)
        .findFirst()
        .orElseThrow();
  }

  private static String mutate(String text, Random random) {
    String mutant = text;
    for (int i = random.nextInt(3); i >= 0; i--) {
      List<MatchResult> words = WORD.matcher(mutant).results().toList();
      MatchResult word = words.get(random.nextInt(words.size()));
      String other = other(word.group(), words, random);
      mutant = mutant.substring(0, word.start()) + other + mutant.substring(word.end());
    }
    return mutant;
  }

  /// A word of the same kind from elsewhere in the text, as a rule.
  private static String other(String word, List<MatchResult> words, Random random) {
    if (Character.isDigit(word.charAt(0))) {
      return NUMBERS.get(random.nextInt(NUMBERS.size()));
    }
    List<String> alike =
        words.stream()
            .map(MatchResult::group)
            .filter(w ->
                Character.isLetter(w.charAt(0)) == Character.isLetter(word.charAt(0))
                    && Character.isUpperCase(w.charAt(0)) == Character.isUpperCase(word.charAt(0)))
            .toList();
    return random.nextInt(20) == 0 ? "" : alike.get(random.nextInt(alike.size()));
  }
}
