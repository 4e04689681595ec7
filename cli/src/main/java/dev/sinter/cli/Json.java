package dev.sinter.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Documents as JSON: records become objects, paths absolute, and what is not a finite number null.
final class Json {
  private Json() {}

  /// The text of a document, without a line break at its end.
  static String text(Object document) {
    return gson().toJson(document);
  }

  /// The same, ending in what was found in the user's text, if anything was.
  static String text(Object document, List<FaultDocument.Entry> diagnostics) {
    JsonObject json = gson().toJsonTree(document).getAsJsonObject();
    if (!diagnostics.isEmpty()) {
      json.add("diagnostics", gson().toJsonTree(diagnostics));
    }
    // The tree holds the nulls that are wanted and no others.
    return builder().serializeNulls().create().toJson(json);
  }

  private static Gson gson() {
    return builder().create();
  }

  private static GsonBuilder builder() {
    return new GsonBuilder()
        .setPrettyPrinting()
        .disableHtmlEscaping()
        .registerTypeHierarchyAdapter(Path.class, new PathAdapter().nullSafe())
        .registerTypeAdapter(Double.class, new DoubleAdapter().nullSafe())
        .registerTypeAdapter(double.class, new DoubleAdapter());
  }

  private static final class PathAdapter extends TypeAdapter<Path> {
    @Override
    public void write(JsonWriter out, Path path) throws IOException {
      out.value(path.toAbsolutePath().normalize().toString());
    }

    @Override
    public Path read(JsonReader in) throws IOException {
      return Path.of(in.nextString());
    }
  }

  /// JSON has no NaN and no infinity, and a loss can be either.
  private static final class DoubleAdapter extends TypeAdapter<Double> {
    @Override
    public void write(JsonWriter out, Double value) throws IOException {
      if (Double.isFinite(value)) {
        out.value(value);
      } else {
        boolean serialized = out.getSerializeNulls();
        out.setSerializeNulls(true);
        out.nullValue();
        out.setSerializeNulls(serialized);
      }
    }

    @Override
    public Double read(JsonReader in) throws IOException {
      return in.nextDouble();
    }
  }
}
