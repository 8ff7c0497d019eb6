// The axes of the parallel coordinates: one for each factor of a study and one for its metric. Every
// trial that has the metric has a place on each, 0 (bottom) … 1.

const kEven = 10;  // factors of so few values have them evenly apart, more stand by number

// Trials with the same value would be one line: each stands a little aside, always by the same.
const aside = (line) => ((line * 0.618034) % 1) - 0.5;

function evenAxis(title, names, placeOf) {
  const step = 1 / names.length;
  return {
    title, step,
    place: (trial, line) => (placeOf(trial) + 0.5 + 0.56 * aside(line)) * step,
    ticks: names.map((text, i) => ({ at: (i + 0.5) * step, text })),
  };
}

// lower: small values stand at the top. absent: trials without a value stand at the very bottom.
function numberAxis(title, values, valueOfTrial, lower) {
  const { low, high, log, alike } = spread(values);
  const at = lower ? between(low, high, 0.96, 0.04, log) : between(low, high, 0.04, 0.96, log);
  const even = alike ? [low] : ticks(low, high, 5);
  const marks = log && logTicks(low, high).length > 2 ? logTicks(low, high) : even;
  return {
    title: log ? `${title} (log)` : title, step: 0.1,
    place: (trial) => (valueOfTrial(trial) === null ? 0 : at(valueOfTrial(trial))),
    ticks: marks.map((v) => ({ at: at(v), text: tickText(v) })),
  };
}

function factorAxis(factor, f) {
  const placeOf = (trial) => STUDY.settings[trial.setting].values[f];
  const absent = STUDY.settings.some((s) => s.values[f] === null);
  const values = factor.values;
  if (values.length > kEven && values.every((v) => v.number !== null)) {
    return numberAxis(factor.key, values.map((v) => v.number), (t) => (placeOf(t) === null ? null : values[placeOf(t)].number), false);
  }
  const names = values.map((v) => v.text);
  return evenAxis(factor.key, absent ? [...names, kNone] : names, (t) => placeOf(t) ?? names.length);
}

function parallelAxes(trials) {
  const metric = trials.map((t) => t.values[0]);
  return [...STUDY.factors.map(factorAxis),
    numberAxis(STUDY.metric, metric, (t) => t.values[0], lowerIsBetter())];
}

// Of each trial the part, 0 (worst) … 1 (best), that its colour shows; the outermost twentieths are
// not told apart, so that one bad trial does not make all others alike.
function goodness(trials) {
  const sorted = trials.map((t) => t.values[0]).sort((a, b) => a - b);
  const low = sorted[Math.floor(0.05 * (sorted.length - 1))];
  const high = sorted[Math.ceil(0.95 * (sorted.length - 1))];
  return trials.map((t) => {
    const share = Math.min(1, Math.max(0, (t.values[0] - low) / (high - low || 1)));
    return lowerIsBetter() ? 1 - share : share;
  });
}
