package dev.sinter.benchmarks.peers;

import dev.sinter.dsl.Elaborator;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.SourceText;
import java.util.Map;
import java.util.Optional;

/// A step of training, written twice: for Sinter, and for libtorch as the body of a TorchScript
/// function. Both minimize a cross-entropy by Adam at a rate of 0.001.
///
/// @param sinter a text whose training is called `Step`
/// @param torch lines that end with `loss`; they see the batch's fields, and each weight by its
///   name in Sinter with `_` for `.`
/// @param classes integers of a batch lie below this
record TrainingStep(String sinter, String torch, int classes) {
  /// How the lines of a TorchScript function begin.
  private static final String INDENT = " ".repeat(4);

  /// @param sizes what the step's line in the table of rows gives, the batch first
  /// @throws IllegalArgumentException if there is no such step
  static TrainingStep of(String name, int... sizes) {
    return switch (name) {
      case "train-mlp" -> mlp(sizes[0]);
      case "train-lenet" -> lenet(sizes[0]);
      case "train-gpt" -> gpt(sizes[0], sizes[1], sizes[2], sizes[3]);
      default -> throw new IllegalArgumentException("there is no training step " + name);
    };
  }

  /// Whether a network's name is one of a step.
  static boolean isNamed(String network) {
    return network.startsWith("train-");
  }

  /// What Sinter's text says.
  ModelGraph graph() {
    Elaborator elaborator = new Elaborator(warning -> {});
    var sources = elaborator.read(new SourceText("step.sinter", sinter), path -> Optional.empty());
    return elaborator.elaborate(sources, "Step", Map.of());
  }

  private static TrainingStep mlp(int batch) {
    return classifier(
        batch,
        "Mlp",
        "784",
        """
        model Mlp() {
          layers = Linear[784 -> 512] |> relu |> Linear[512 -> 512] |> relu |> Linear[512 -> 10]
          fn (image: f32[N, 784]) -> (logits: f32[N, 10]) = layers(image)
        }
        """,
        """
        a = torch.relu(torch.linear(image, net_layers_0_weight, net_layers_0_bias))
        b = torch.relu(torch.linear(a, net_layers_2_weight, net_layers_2_bias))
        logits = torch.linear(b, net_layers_4_weight, net_layers_4_bias)
        """);
  }

  /// LeCun et al., 1998, with ReLU and max pooling.
  private static TrainingStep lenet(int batch) {
    return classifier(
        batch,
        "LeNet",
        "1, 28, 28",
        """
        model LeNet() {
          features = Conv[1 -> 6](k = 5, pad = 2) |> relu |> max_pool(k = 2)
                  |> Conv[6 -> 16](k = 5) |> relu |> max_pool(k = 2)
          head     = Linear[400 -> 120] |> relu |> Linear[120 -> 84] |> relu |> Linear[84 -> 10]
          fn (image: f32[N, 1, 28, 28]) -> (logits: f32[N, 10]) =
            image |> features |> rearrange{n c h w -> n (c h w)} |> head
        }
        """,
        """
        a = torch.conv2d(image, net_features_0_weight, net_features_0_bias, [1, 1], [2, 2])
        b = torch.max_pool2d(torch.relu(a), [2, 2])
        c = torch.conv2d(b, net_features_3_weight, net_features_3_bias)
        d = torch.flatten(torch.max_pool2d(torch.relu(c), [2, 2]), 1)
        e = torch.relu(torch.linear(d, net_head_0_weight, net_head_0_bias))
        f = torch.relu(torch.linear(e, net_head_2_weight, net_head_2_bias))
        logits = torch.linear(f, net_head_4_weight, net_head_4_bias)
        """);
  }

  /// The step of a network that tells ten classes of images apart.
  ///
  /// @param name the model's
  /// @param image the sizes of an image
  /// @param model its text
  /// @param torch lines that end with `logits`
  private static TrainingStep classifier(
      int batch, String name, String image, String model, String torch) {
    String step =
        """

        train Step() {
          net = {name}()
          data (image: f32[N, {image}], label: i32[N]) batch N = {batch}
          step { minimize cross_entropy(net(image), label) over net with Adam(lr = 1e-3) }
        }
        """
            .replace("{name}", name)
            .replace("{image}", image)
            .replace("{batch}", String.valueOf(batch));
    String loss = "loss = torch.cross_entropy_loss(logits, label)\n";
    return new TrainingStep(model + step, (torch + loss).indent(INDENT.length()), 10);
  }

  /// Radford et al., 2019, in another size: the logits of the byte that follows each of `length`.
  private static TrainingStep gpt(int batch, int length, int layers, int width) {
    int heads = width / 32;
    String block =
        """
        y{i} = torch.layer_norm(x{i}, [{width}], {b}ln1_weight, {b}ln1_bias)
        qkv{i} = torch.linear(y{i}, {b}qkv_weight, {b}qkv_bias)
        parted{i} = torch.reshape(qkv{i}, [{batch}, {length}, 3, {heads}, 32])
        q{i}, k{i}, v{i}, = torch.unbind(torch.permute(parted{i}, [2, 0, 3, 1, 4]), 0)
        seen{i} = torch.scaled_dot_product_attention(q{i}, k{i}, v{i}, None, 0., True)
        joined{i} = torch.reshape(torch.transpose(seen{i}, 1, 2), [{batch}, {length}, {width}])
        z{i} = torch.add(x{i}, torch.linear(joined{i}, {b}out_weight, {b}out_bias))
        w{i} = torch.layer_norm(z{i}, [{width}], {b}ln2_weight, {b}ln2_bias)
        wide{i} = torch.gelu(torch.linear(w{i}, {b}fc_weight, {b}fc_bias), approximate="tanh")
        x{next} = torch.add(z{i}, torch.linear(wide{i}, {b}proj_weight, {b}proj_bias))
        """;
    StringBuilder torch = new StringBuilder();
    torch.append(
        """
        tokens = torch.slice(text, 1, 0, {length})
        x0 = torch.add(torch.embedding(net_token_weight, tokens), net_position_weight)
        """);
    for (int i = 0; i < layers; i++) {
      torch.append(
          block
              .replace("{i}", String.valueOf(i))
              .replace("{next}", String.valueOf(i + 1))
              .replace("{b}", "net_blocks_" + i + "_"));
    }
    torch.append(
        """
        last = torch.layer_norm(x{layers}, [{width}], net_norm_weight, net_norm_bias)
        logits = torch.reshape(torch.linear(last, net_head_weight), [{batch} * {length}, 256])
        follows = torch.reshape(torch.slice(text, 1, 1, {length} + 1), [{batch} * {length}])
        loss = torch.cross_entropy_loss(logits, follows)
        """);
    String sinter =
        """
        module Block[D](heads: int) {
          ln1  = LayerNorm[D]
          qkv  = Linear[D -> 3 * D]
          out  = Linear[D -> D]
          ln2  = LayerNorm[D]
          fc   = Linear[D -> 4 * D]
          proj = Linear[4 * D -> D]

          fn (x: f32[N, T, D]) -> f32[N, T, D] {
            q, k, v = split(qkv(ln1(x)), parts = 3)
            qs = rearrange{n t (h k) -> n h t k}(q, h = heads)
            ks = rearrange{n t (h k) -> n h t k}(k, h = heads)
            vs = rearrange{n t (h k) -> n h t k}(v, h = heads)
            seen = attention(qs, ks, vs, causal = true)
            z = x + out(rearrange{n h t k -> n t (h k)}(seen))
            return z + proj(gelu_tanh(fc(ln2(z))))
          }
        }

        model Gpt() {
          token    = Embedding[256 -> {width}](std = 0.02)
          position = Embedding[{length} -> {width}](std = 0.02)
          blocks   = [Block[{width}](heads = {heads}) for i in 0..{layers}]
          norm     = LayerNorm[{width}]
          head     = Linear[{width} -> 256](biased = false)

          fn (text: i32[N, {length}]) -> (logits: f32[N, {length}, 256]) {
            places: i32[{length}] = iota()
            return token(text) + position(places) |> blocks |> norm |> head
          }
        }

        train Step() {
          net = Gpt()
          data (text: i32[N, {length} + 1]) batch N = {batch}
          step {
            minimize cross_entropy(net(text[:, 0..{length}]), text[:, 1..{length} + 1])
              over net with Adam(lr = 1e-3)
          }
        }
        """;
    return new TrainingStep(
        sized(sinter, batch, length, layers, width, heads),
        sized(torch.toString(), batch, length, layers, width, heads).indent(INDENT.length()),
        256);
  }

  private static String sized(
      String text, int batch, int length, int layers, int width, int heads) {
    return text.replace("{batch}", String.valueOf(batch))
        .replace("{length}", String.valueOf(length))
        .replace("{layers}", String.valueOf(layers))
        .replace("{width}", String.valueOf(width))
        .replace("{heads}", String.valueOf(heads));
  }
}
