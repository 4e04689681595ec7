package dev.sinter.runtime.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files changed at random are read or refused with a [FormatException], and nothing else. The heap
/// is bounded by the file, so an allocation that trusts a header fails these tests with an error.
class MutationTest {
  private static final int MUTATIONS =
      "full".equals(System.getProperty("sinter.tests")) ? 200_000 : 10_000;

  @TempDir private Path folder;

  @Test
  void refusesMutatedSafetensors() throws IOException {
    Path file = folder.resolve("seed.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("fc.weight", Tensor.zeros(DType.F32, 2, 3));
    tensors.put("fc.bias", Tensor.zeros(DType.I4, 3));
    tensors.put("empty", Tensor.zeros(DType.BOOL, 0));
    Safetensors.write(file, tensors, Map.of("format", "sinter"));
    mutate(
        Files.readAllBytes(file),
        bytes -> {
          try (Safetensors read = Safetensors.read(MemorySegment.ofArray(bytes), "mutated")) {
            read.tensors().values().forEach(Tensor::toDoubleArray);
          }
        });
  }

  @Test
  void refusesMutatedNpy() throws IOException {
    Path file = folder.resolve("seed.npy");
    Npy.write(file, Tensor.zeros(DType.F32, 2, 3));
    mutate(
        Files.readAllBytes(file),
        bytes -> Npy.read(MemorySegment.ofArray(bytes), "mutated").toDoubleArray());
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    mutate(
        text.replace("False", "True ").getBytes(StandardCharsets.ISO_8859_1),
        bytes -> Npy.read(MemorySegment.ofArray(bytes), "mutated").toDoubleArray());
  }

  @Test
  void refusesMutatedJars() throws IOException {
    Path file = folder.resolve("seed.safetensors");
    Safetensors.write(file, Map.of("a", Tensor.zeros(DType.F32, 4)), Map.of());
    byte[] weights = Files.readAllBytes(file);
    for (boolean stored : new boolean[] {true, false}) {
      Path jar = folder.resolve("mutated.jar");
      byte[] seed = new ZipBytes().with("w.safetensors", weights, stored).whole();
      Random random = new Random(7);
      int read = 0;
      for (int i = 0; i < MUTATIONS / 50; i++) {
        Files.write(jar, i == 0 ? seed : mutated(seed, random));
        try (Safetensors found =
            Safetensors.openInJar(jar, "w.safetensors").orElse(Safetensors.none())) {
          read += found.tensors().size();
        } catch (IOException expected) {
          // A FormatException, or what java.util.zip has to say about a compressed entry.
          assertThat(expected).hasMessageMatching("(?s).+");
        }
      }
      assertThat(read).isPositive();
    }
  }

  @Test
  void refusesMutatedCheckpointsAndArrays() throws IOException {
    for (String name : new String[] {"checkpoint2.pt", "checkpoint4.pt", "packed.npz"}) {
      byte[] seed = Fixtures.bytes(name);
      Path file = folder.resolve(name);
      Random random = new Random(11);
      int read = 0;
      int refused = 0;
      for (int i = 0; i < MUTATIONS / 20; i++) {
        byte[] bytes = i == 0 ? seed : mutated(seed, random);
        Files.write(file, bytes);
        try (Weights weights = Weights.open(file)) {
          for (StoredTensor tensor : weights.tensors().values()) {
            // What a changed size asks for is no more than a reader's model would want of it.
            if (tensor.bytes() < 1 << 20) {
              tensor.read().toDoubleArray();
            }
          }
          read++;
        } catch (FormatException expected) {
          refused++;
        } catch (RuntimeException | Error e) {
          fail("mutation %d of %s".formatted(i, name), e);
        }
      }
      assertThat(read).as(name).isPositive();
      assertThat(refused).as(name).isPositive();
    }
  }

  @Test
  void refusesCheckpointsThatEndTooEarly() throws IOException {
    for (String name : new String[] {"checkpoint2.pt", "packed.npz"}) {
      byte[] whole = Fixtures.bytes(name);
      Path file = folder.resolve(name);
      for (int length = 0; length < whole.length; length += 7) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertThatThrownBy(() -> Weights.open(file)).isInstanceOf(FormatException.class);
      }
    }
  }

  private interface Reading {
    void read(byte[] bytes) throws IOException;
  }

  private static void mutate(byte[] seed, Reading reading) throws IOException {
    reading.read(seed);
    Random random = new Random(42);
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] bytes = mutated(seed, random);
      try {
        reading.read(bytes);
      } catch (FormatException expected) {
        refused++;
      } catch (RuntimeException | Error e) {
        fail("mutation %d: %s".formatted(i, new String(bytes, StandardCharsets.ISO_8859_1)), e);
      }
    }
    assertThat(refused).isGreaterThan(MUTATIONS / 4);
  }

  private static byte[] mutated(byte[] seed, Random random) {
    byte[] bytes = seed.clone();
    int changes = random.nextInt(1, 5);
    for (int c = 0; c < changes && bytes.length > 0; c++) {
      int at = random.nextInt(bytes.length);
      int other = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) "0123456789{}[](),:'\" -".charAt(random.nextInt(22));
        case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> {
          int length = Math.min(random.nextInt(1, 20), bytes.length - Math.max(at, other));
          System.arraycopy(bytes, at, bytes, other, length);
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }
}
