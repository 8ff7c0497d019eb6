// Fills the page and starts the player.

function start() {
  showHeader();
  showStudy();
  showNumbers();
  showFacts();
  if (DATA.clips.length) startPlayer();
  else {
    byId("player").hidden = true;
    byId("skip").hidden = true;
  }
  wireKeys();
  wireTheme();
  showCurveTable();
  showPhones();
  showTraining();
  showProbe();
}

function startPlayer() {
  layClips();
  layMouths();
  layLanes();
  wireLanes();
  layLegend();
  layChooser();
  shown = firstCurves();
  layTraces();
  showWorst();
  wirePlayer();
  wireBlind();
  const first = DATA.worst[0];
  player.select(first ? first.clip : 0, first ? first.begin_s : 0);
  player.tick();
}
