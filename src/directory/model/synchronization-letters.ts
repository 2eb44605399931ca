/** What administrators are written when bringing people to another organisation has come to a halt. */
export type News = 'stopped' | 'quarantined' | 'failing';
interface Figures {
  readonly leaving?: number;
  readonly threshold?: number;
}

const TEXTS: Readonly<Record<string, Readonly<Record<News, (figures: Figures) => { subject: string; text: string }>>>> =
  {
    en: {
      stopped: () => ({
        subject: 'Synchronisation with a partner has stopped',
        text: 'People are no longer brought to a partner: one of the two organisations does not allow it any more. Those who are there stay. Look at the partner’s page, and start it again once both allow it.',
      }),
      failing: () => ({
        subject: 'Synchronisation with a partner fails',
        text: 'For half an hour nothing could be brought to a partner. It is tried again by itself, and nothing is lost. Look at the partner’s page, and test the partnership there.',
      }),
      quarantined: ({ leaving, threshold }) => ({
        subject: 'Synchronisation with a partner is paused: too many would be removed',
        text: `In one run ${leaving} people would leave the partner, and at most ${threshold} may. Nobody was removed. Look at the partner’s page: correct what is brought there, or confirm the removal.`,
      }),
    },
    sv: {
      stopped: () => ({
        subject: 'Synkroniseringen med en partner har stannat',
        text: 'Personer förs inte längre till en partner: en av de två organisationerna tillåter det inte längre. De som finns där stannar. Se partnerns sida och starta igen när båda tillåter det.',
      }),
      failing: () => ({
        subject: 'Synkroniseringen med en partner misslyckas',
        text: 'På en halvtimme har inget kunnat föras till en partner. Det försöks igen av sig självt, och inget går förlorat. Se partnerns sida och testa partnerskapet där.',
      }),
      quarantined: ({ leaving, threshold }) => ({
        subject: 'Synkroniseringen med en partner är pausad: för många skulle tas bort',
        text: `I en körning skulle ${leaving} personer lämna partnern, och högst ${threshold} får göra det. Ingen togs bort. Se partnerns sida: rätta vilka som förs dit, eller bekräfta borttagningen.`,
      }),
    },
    zh: {
      stopped: () => ({
        subject: '与合作组织的同步已停止',
        text: '不再将人员同步到合作组织：两个组织之一不再允许。已在对方的人员保持不变。请查看合作组织页面，待双方都允许后重新启动。',
      }),
      failing: () => ({
        subject: '与合作组织的同步失败',
        text: '半小时内未能向合作组织同步任何内容。系统会自动重试，不会丢失数据。请查看合作组织页面并在其中测试合作关系。',
      }),
      quarantined: ({ leaving, threshold }) => ({
        subject: '与合作组织的同步已暂停：将被移除的人员过多',
        text: `一次运行中将有 ${leaving} 人离开合作组织，而上限为 ${threshold} 人。未移除任何人。请查看合作组织页面：更正同步范围，或确认移除。`,
      }),
    },
  };

/** In the reader's language where we have it, else in English. Our own words and figures alone: nothing to escape. */
export function synchronizationLetter(language: string | null, news: News, figures: Figures) {
  const { subject, text } = (TEXTS[language?.slice(0, 2).toLowerCase() ?? 'en'] ?? TEXTS.en!)[news](figures);
  return { subject, text, html: `<p>${text}</p>` };
}
