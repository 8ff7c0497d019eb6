#include "train/options.h"

namespace kuchi::train {

void describe(config::Section s, Options& o) {
  s.add("max_epochs", o.max_epochs).at_least(1).help("passes over the training part");
  s.add("max_steps", o.max_steps)
      .at_least(0)
      .help("stops after so many updates; 0: max_epochs says");
  s.add("batch_frames", o.batch_frames)
      .at_least(1)
      .unit("frames")
      .help("frames in a batch, padding included");
  s.add("segment_frames", o.segment_frames)
      .at_least(0)
      .unit("frames")
      .help("longer clips are cut to this, elsewhere every epoch; 0: whole clips");
  s.add("pool_batches", o.pool_batches)
      .at_least(1)
      .help("so many batches are drawn together and sorted by length, to spare padding");
  s.add("optimizer", o.optimizer)
      .choices({"adamw", "sgd"})
      .help(
          "AdamW (Loshchilov & Hutter 2019), or stochastic gradient descent with momentum; no "
          "decay "
          "on biases and norms");
  s.add("lr", o.lr).above(0).at_most(1).help("peak learning rate");
  s.add("beta1", o.beta1).at_least(0).below(1).help("decay of the mean of gradients");
  s.add("beta2", o.beta2).at_least(0).below(1).help("decay of the mean of squared gradients");
  s.add("eps", o.eps).above(0).at_most(1).help("added to the root of the second moment");
  s.add("momentum", o.momentum)
      .at_least(0)
      .below(1)
      .help("of sgd: decay of the sum of gradients that a step follows");
  s.add("nesterov", o.nesterov).help("of sgd: the step looks ahead (Sutskever et al. 2013)");
  s.add("weight_decay", o.weight_decay)
      .at_least(0)
      .at_most(10)
      .help("of adamw decoupled, times the rate; of sgd added to the gradient");
  s.add("group_lr", o.group_lr)
      .at_least(0)
      .help(
          "factor on the rate of the parameters whose names fit a pattern, like "
          "{\"head.lstm.*\": 0.1}; 0: they stay as they are");
  s.add("group_weight_decay", o.group_weight_decay)
      .at_least(0)
      .help("weight_decay of the parameters whose names fit a pattern");
  s.add_choice("schedule", o.schedule,
               {{"constant", Schedule::constant},
                {"linear", Schedule::linear},
                {"cosine", Schedule::cosine},
                {"one_cycle", Schedule::one_cycle},
                {"inverse_sqrt", Schedule::inverse_sqrt},
                {"plateau", Schedule::plateau}})
      .help("how the rate falls after the warm-up; plateau: where validation gets no better");
  s.add("warmup", o.warmup).at_least(0).below(1).help("share of all steps in which the rate rises");
  s.add("final_lr", o.final_lr)
      .at_least(0)
      .at_most(1)
      .help("last rate (of plateau: the least), as a share of lr");
  s.add("plateau_factor", o.plateau_factor).above(0).below(1).help("times the rate, at a plateau");
  s.add("plateau_patience", o.plateau_patience)
      .at_least(1)
      .unit("epochs")
      .help("without a better validation are a plateau");
  s.add("grad_clip", o.grad_clip)
      .at_least(0)
      .help("largest norm of the gradient over all parameters; 0: no clipping");
  s.add("grad_accumulation", o.grad_accumulation)
      .at_least(1)
      .at_most(1024)
      .help("batches that make one update");
  s.add("max_skipped", o.max_skipped)
      .at_least(0)
      .help(
          "so many updates in a row may be left out because their loss or gradient is not finite "
          "or "
          "has run away; one more ends the training (exit 4)");
  s.add("runaway", o.runaway)
      .at_least(0)
      .help(
          "times the median error of the last 64 updates at which an update is left out, if that "
          "is "
          "also more than any of the first 64; 0: only what is not finite is");
  s.add("ema", o.ema)
      .at_least(0)
      .below(1)
      .help(
          "decay a step of the average of the weights, which is then what is judged and saved; "
          "0: none");
  s.add("swa", o.swa)
      .at_least(0)
      .at_most(1)
      .help(
          "share of the training, at its end, whose epochs' last weights are averaged (Izmailov et "
          "al. 2018); the average is then what is judged and saved; 0: none");
  s.add("init", o.init)
      .help(
          "run, checkpoint or .safetensors whose weights to start from: what fits by name and "
          "shape, "
          "rows of the output by the curve's name");
  s.add_choice("precision", o.precision, {{"fp32", Precision::fp32}, {"bf16", Precision::bf16}})
      .help(
          "of a step's products; bf16: they take bfloat16, while weights, moments and the loss "
          "stay "
          "fp32, as does validation");
  s.add("tf32", o.tf32)
      .help(
          "on a GPU, products of fp32 take TensorFloat-32 (10 bits of mantissa); false: all 23 "
          "bits");
  s.add("device", o.device).help("auto, cpu, cuda or cuda:N");
  s.add("threads", o.threads)
      .at_least(0)
      .at_most(1024)
      .help("of the CPU's arithmetic; 0: one a core. Results are bit-identical at equal counts");
  s.add("loader_threads", o.loader_threads)
      .at_least(1)
      .at_most(256)
      .help("threads that make batches; change nothing but speed");
  s.add("seed", o.seed).at_least(0).help("of weights, order, dropout and augmentation");
  s.add("patience", o.patience)
      .at_least(0)
      .unit("epochs")
      .help("stops after so many epochs without a better validation; 0: never");
  s.add("monitor", o.monitor)
      .choices({"mse", "nmse", "mae", "r2", "pcc", "vel_mse"})
      .help("validation metric that decides which checkpoint is best");
  s.add("keep", o.keep).at_least(1).help("checkpoints kept beside the best one");
  s.add("checkpoint_every", o.checkpoint_every)
      .at_least(1)
      .unit("epochs")
      .help("how often a checkpoint is written; the last epoch always is");
  s.add("checkpoint_steps", o.checkpoint_steps)
      .at_least(0)
      .help("also one every so many updates, within an epoch too; 0: none");
  s.add("checkpoint_minutes", o.checkpoint_minutes)
      .at_least(0)
      .unit("min")
      .help("also one when the last is so old: what a kill or a power cut can cost; 0: none");
  s.add("process_timeout", o.process_timeout)
      .at_least(1)
      .at_most(86400)
      .unit("s")
      .help("of several processes: how long one waits for the others before it gives up");
  s.add("tensorboard", o.tensorboard)
      .help("writes RUN/tb for TensorBoard: scalars, histograms, curves of a validation clip");
}

void describe(config::Section s, LossOptions& o) {
  s.add_choice("kind", o.kind,
               {{"mse", LossKind::mse}, {"huber", LossKind::huber}, {"l1", LossKind::l1}})
      .help("error of the curves' values");
  s.add("huber_delta", o.huber_delta).above(0).help("where Huber's loss turns from square to line");
  s.add("velocity", o.velocity)
      .at_least(0)
      .unit("s^2")
      .help("weight of the squared error of velocity, in curve^2/s^2");
  s.add("acceleration", o.acceleration)
      .at_least(0)
      .unit("s^4")
      .help("weight of the squared error of acceleration, in curve^2/s^4");
  s.add("lips", o.lips)
      .at_least(0)
      .help(
          "weight of the squared error, where the target's lips are closed, of the curves that the "
          "aperture is made of");
  s.add("closure", o.closure)
      .at_least(0)
      .help(
          "weight of the logistic loss of lips closed or not, by the aperture and the threshold of "
          "the closure metrics; a number by frame, so small: near 0.002 beside mse");
  s.add("silence", o.silence)
      .at_least(0)
      .unit("s")
      .help("weight of the predicted speed where the audio is silent, in curve/s");
  s.add("silence_margin", o.silence_margin)
      .at_least(0)
      .at_most(10)
      .unit("s")
      .help("silence nearer to speech than this is left out: the mouth moves ahead of the sound");
  s.add("curve_weights", o.curve_weights)
      .at_least(0)
      .help("weight by curve name, 1 where none is given, like {jawOpen: 2}");
  s.add("schedule", o.schedule)
      .at_least(0)
      .at_most(1)
      .help(
          "shares of the training between which a term comes in, like {velocity: [0.2, 0.6]}; it "
          "goes out where the first is the larger");
}

void describe(config::Section s, EvalOptions& o) {
  s.add("split", o.split).choices({"test", "valid", "train", "all"}).help("what eval judges");
  s.add("resamples", o.resamples)
      .at_least(0)
      .at_most(1000000)
      .help("of the bootstrap behind the intervals; 0: no intervals");
  s.add("seed", o.seed).at_least(0).help("of the bootstrap");
  s.add("vertex_basis", o.vertex_basis)
      .help(
          "how curves move a mesh, for lve, mve and fdd: an NPY file [curves, vertices, 3], a "
          "folder of "
          "OBJ files, none, or auto: the lips that come with the program, where the rig has "
          "ARKit's "
          "mouth curves or formulas for them");
  s.add("vertex_unit", o.vertex_unit)
      .choices({"m", "cm", "mm"})
      .help("what the numbers of eval.vertex_basis are");
}

}  // namespace kuchi::train
