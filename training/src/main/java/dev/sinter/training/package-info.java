/// Data files, batches, and the training loop: [dev.sinter.training.Trainer].
package dev.sinter.training;
